"""The web app's files, as infra-tool lists them."""

import os


def put_web_app(s3, bucket, files, folder=""):
    """Puts the files where the distribution reads them, in the listed order: documents last."""
    for file in files:
        with open(os.path.join(folder, file["path"]), "rb") as body:
            s3.put_object(
                Bucket=bucket,
                Key=file["key"],
                Body=body,
                ContentType=file["content_type"],
                CacheControl=file["cache_control"],
            )
