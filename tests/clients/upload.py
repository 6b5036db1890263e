"""tuspy against a bureau: uploads a file, or a part of it, and goes on where an earlier run stopped.

endpoint token file sha256 storage [stop]
"""

import sys

from tusclient import client
from tusclient.storage import filestorage

endpoint, token, path, sha256, storage, *stop = sys.argv[1:]
bureau = client.TusClient(endpoint, headers={"Authorization": f"Bearer {token}"})
uploader = bureau.uploader(
    path,
    chunk_size=200_000,
    metadata={"sha256": sha256, "name": "照片.jpg"},
    store_url=True,
    url_storage=filestorage.FileStorage(storage),
    upload_checksum=True,
    retries=20,
    retry_delay=0,
)
print("begins", uploader.offset)
uploader.upload(stop_at=int(stop[0]) if stop else None)
print("ends", uploader.offset)
