"""The emulated accounts: the emulator's process, what is deployed into it, and the journeys against that."""
