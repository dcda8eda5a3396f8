class Failure(Exception):
    """Something went wrong; its text is one sentence that says what, and what to do where that is known."""
