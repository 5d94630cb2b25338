"""Uploads a document with a client that a public generator has made from infra/openapi.json.

`upload.py <address of the API>`. The client is the package docuvault_client; this script knows nothing else
of the API.
"""

import sys
import time
import uuid

import httpx
from docuvault_client import AuthenticatedClient, Client
from docuvault_client.api.account import get_account, get_quota, login, register
from docuvault_client.api.documents import (confirm_upload, create_upload_url, delete_document, get_document,
                                            get_download, list_documents, set_topics)
from docuvault_client.api.topics import create_topic
from docuvault_client.models import (Code, Confirmed, Document, EmailAndPassword, NewTopic, NewUpload,
                                     Problem, QuotaExceeded, SignedIn, Status, TopicSelection, Upload)

TEXT = b"Invoice no. 7: 12 EUR, payable by the end of the month.\n"


def create_account(api: str) -> AuthenticatedClient:
    """Registers an account and returns a client with its access token."""
    anybody = Client(api)
    who = EmailAndPassword(email=f"{uuid.uuid4()}@example.com", password="Correct-Horse-7")
    registered = register.sync(client=anybody, body=who)
    result = login.sync(client=anybody, body=who)
    assert isinstance(result, SignedIn), result
    client = AuthenticatedClient(api, result.access_token)
    assert get_account.sync(client=client).id == registered.id
    return client


def upload_document(client: AuthenticatedClient) -> Confirmed:
    """Uploads and confirms a document."""
    file = NewUpload(filename="invoice.txt", content_type="text/plain", size_bytes=len(TEXT))
    upload = create_upload_url.sync(client=client, body=file)
    assert isinstance(upload, Upload), upload
    headers = upload.headers.additional_properties
    sent = httpx.request(upload.method, upload.upload_url, headers=headers, content=TEXT)
    assert sent.status_code == 200, sent
    confirmed = confirm_upload.sync(upload.document_id, client=client)
    assert isinstance(confirmed, Confirmed) and confirmed.size_bytes == len(TEXT), confirmed
    return confirmed


def wait_for_classification(client: AuthenticatedClient, document: uuid.UUID) -> Document:
    """Waits until the document is classified, and returns it."""
    deadline = time.monotonic() + 60
    while (found := get_document.sync(document, client=client)).status == Status.UPLOADED:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    assert found.status == Status.CLASSIFIED, found
    return found


def main(api: str) -> None:
    """Uploads, reads and deletes a document, and checks two refusals."""
    client = create_account(api)
    topic = create_topic.sync(client=client, body=NewTopic(name="Invoice"))
    document = upload_document(client).id
    assert wait_for_classification(client, document).topics[0].id == topic.id
    selection = TopicSelection(topic_ids=[topic.id])
    assert set_topics.sync(document, client=client, body=selection).topics[0].manual
    assert [item.id for item in list_documents.sync(client=client, topic=topic.id).items] == [document]
    quota = get_quota.sync(client=client)
    assert quota.used_bytes == len(TEXT), quota

    file = NewUpload(filename="film.mp4", content_type="video/mp4", size_bytes=quota.limit_bytes)
    refused = create_upload_url.sync(client=client, body=file)
    assert isinstance(refused, QuotaExceeded) and refused.detail.used_bytes == len(TEXT), refused

    download = get_download.sync(document, client=client)
    assert httpx.get(download.download_url).content == TEXT
    assert delete_document.sync_detailed(document, client=client).status_code == 204
    gone = get_document.sync(document, client=client)
    assert isinstance(gone, Problem) and gone.code == Code.NOT_FOUND, gone
    assert get_quota.sync(client=client).used_bytes == 0


if __name__ == "__main__":
    main(sys.argv[1])
