"""What each function does with its rights, done in the deployed stack.

Each piece of work ends with the first result that is not as expected.
"""

import uuid

from dev.deploy.caller import Caller, send, totp_code
from dev.deploy.place import Place, Unexpected, check


def do(function: str, place: Place) -> str:
    """Has a function do its work. Returns what was unexpected, or an empty text."""
    try:
        WORK[function](place)
    except (Unexpected, RuntimeError) as error:
        return str(error)
    return ""


def log_in(place: Place) -> None:
    """`auth` signs a token, and checks a code by time, for which it decrypts a secret."""
    user = Caller(place.stack)
    secret = user.expect("POST", "/api/auth/totp/setup", 200, {"password": user.account["password"]})["secret"]
    user.expect("POST", "/api/auth/totp/enable", 200, {"code": totp_code(secret)})
    challenge = user.expect("POST", "/api/auth/login", 200, user.account)["challenge"]
    # A code is accepted once. That of the next step is accepted, too.
    second = {"challenge": challenge, "code": totp_code(secret, later=1)}
    check("token", bool(user.expect("POST", "/api/auth/login/factor", 200, second)["access_token"]), True)


def read_account(place: Place) -> None:
    """`account` verifies a token, lists sessions, encrypts a secret, and signs a URL that can read."""
    place.caller.expect("GET", "/api/auth/me", 200)
    password = {"password": place.caller.account["password"]}
    check("secret", len(place.caller.expect("POST", "/api/auth/totp/setup", 200, password)["secret"]), 32)
    check("sessions", len(place.caller.expect("GET", "/api/auth/sessions", 200)["items"]) > 0, True)
    place.store_classified()
    newest = place.caller.expect("GET", "/api/auth/me/export", 200)["documents"][-1]
    check("GET", send("GET", newest["file"]["download_url"], None, {}, place.caller.trust)[0], 200)


def use_passkeys(place: Place) -> None:
    """`passkeys` makes challenges. It verifies a token, and decrypts a secret to check a code by time."""
    user = Caller(place.stack)
    password = {"password": user.account["password"]}
    secret = user.expect("POST", "/api/auth/totp/setup", 200, password)["secret"]
    user.token = user.expect("POST", "/api/auth/totp/enable", 200, {"code": totp_code(secret)})["access_token"]
    # A code is accepted once. That of the next step is accepted, too.
    proof = {**password, "code": totp_code(secret, later=1)}
    own = user.expect("POST", "/api/auth/me/passkeys/challenge", 200, proof)
    anonymous = user.expect("POST", "/api/auth/passkeys/challenge", 200)
    check("challenges", [bool(one["options"]["challenge"]) for one in (own, anonymous)], [True, True])


def read_quota(place: Place) -> None:
    """`quota` verifies a token."""
    place.caller.expect("GET", "/api/auth/me/quota", 200)


def list_topics(place: Place) -> None:
    """`topics` verifies a token."""
    place.caller.expect("GET", "/api/topics", 200)


def report_health(place: Place) -> None:
    """`health` asks the store and the queue."""
    place.caller.expect("GET", "/api/health", 200)


def sign_upload(place: Place) -> None:
    """`upload-url` signs a URL that can store."""
    check("PUT", place.caller.put(place.caller.begin()), 200)


def confirm(place: Place) -> None:
    """`confirm` asks for an object, tells that one is absent, removes one, and sends a nudge."""
    absent = place.caller.begin()["document_id"]
    check("absent", place.caller.confirm(absent)[1].get("code"), "upload_not_found")
    refused, early = place.caller.store(), place.caller.store()
    place.sql(f"update quotas set limit_bytes = used_bytes where user_id = '{place.caller.id}'")
    status = place.caller.confirm(refused)[0]
    place.sql(f"update quotas set limit_bytes = 104857600 where user_id = '{place.caller.id}'")
    check("over quota", status, 413)
    check("object of a refused upload", place.is_stored(refused), False)
    # The event comes before the confirmation, so that only a nudge leads to the classification.
    place.wait_for("event", lambda: place.sql(f"select 1 from documents where id = '{early}' and event_at is not null"))
    check("confirmation", place.caller.confirm(early)[0], 200)
    place.check_outcome("status after a nudge", early, "classified")


def delete(place: Place) -> None:
    """`delete` removes an object."""
    document = place.store_classified()
    place.caller.expect("DELETE", f"/api/documents/{document}", 204)
    check("object of a deleted document", place.is_stored(document), False)


def serve_documents(place: Place) -> None:
    """`documents` signs a URL that can read, and sends a nudge."""
    document = place.store_classified()
    url = place.caller.expect("GET", f"/api/documents/{document}/download", 200)["download_url"]
    check("GET", send("GET", url, None, {}, place.caller.trust)[0], 200)
    place.caller.expect("POST", f"/api/documents/{document}/classify", 202)
    place.check_outcome("status after a nudge", document, "classified")


def classify(place: Place) -> None:
    """`classify` reads objects, tells that one is absent, removes orphans, and puts off messages."""
    document, storage = place.store_classified(), place.stack.emulator.client("s3")
    key = next(key for key in place.stack.objects() if document in key)
    storage.delete_object(Bucket=place.stack.bucket, Key=key)
    place.caller.expect("POST", f"/api/documents/{document}/classify", 202)
    place.check_outcome("document without an object", document, "object_missing")
    orphan = str(uuid.uuid4())
    storage.put_object(Bucket=place.stack.bucket, Key=f"{uuid.uuid4()}/{orphan}/{uuid.uuid4()}.txt", Body=b"", IfNoneMatch="*")
    place.wait_for("removal of an orphan", lambda: not place.is_stored(orphan))
    put_off(place)


def put_off(place: Place) -> None:
    """A document whose provider does not answer is put off."""
    known = len(place.stack.lines("classify"))
    place.sql(f"update users set ai_provider = 'ollama' where id = '{place.caller.id}'")
    document = place.caller.store()
    place.caller.confirm(document)
    try:
        place.wait_for("end of an attempt", lambda: any(
            document in line and "an attempt to classify a document failed" in line
            for line in place.stack.lines("classify")[known:]))
    finally:
        place.sql(f"update users set ai_provider = null where id = '{place.caller.id}'")
    lines = "".join(place.stack.lines("classify")[known:])
    check("whether a message could not be put off", "a message was not postponed" in lines, False)


def sweep(place: Place) -> None:
    """`cleanup` removes the object of an abandoned upload, sends a forgotten nudge, and audits."""
    abandoned, forgotten = place.caller.store(), place.store_classified()
    place.sql(f"update documents set created_at = now() - interval '2 hours' where id = '{abandoned}'")
    place.sql(f"update documents set status = 'uploaded', attempts = 0, nudge_due_at = now() where id = '{forgotten}'")
    place.stack.invoke("cleanup", {})
    check("object of an abandoned upload", place.is_stored(abandoned), False)
    place.check_outcome("status after a nudge", forgotten, "classified")
    audit(place)


def audit(place: Place) -> None:
    """The audit lists the objects, and asks for the one of a document that has lost it."""
    lost = place.store_classified()
    key = next(key for key in place.stack.objects() if lost in key)
    place.stack.emulator.client("s3").delete_object(Bucket=place.stack.bucket, Key=key)
    place.sql("update audit_cursors set begun_at = 'epoch'")
    answer, _ = place.stack.invoke("cleanup", {})
    place.caller.expect("DELETE", f"/api/documents/{lost}", 204)
    check("whether the audit has found it", answer.get("audit", {}).get("without_object", 0) > 0, True)


def manage_accounts(place: Place) -> None:
    """`admin` verifies a token, and lists accounts."""
    admin = Caller(place.stack)
    place.sql(f"update users set role = 'admin' where id = '{admin.id}'")
    check("accounts", len(admin.expect("GET", "/api/admin/users", 200)["items"]) > 0, True)


def send_mails(place: Place) -> None:
    """`mail` reads the outbox. There is no mail server, so the mails of earlier tests are removed."""
    place.sql("delete from mails")
    answer, _ = place.stack.invoke("mail", {})
    check("mails that were put off", answer.get("postponed"), 0)


def migrate(place: Place) -> None:
    """`migrate` asks whether the bucket keeps versions. If it gets no answer, it warns."""
    answer, _ = place.stack.invoke("migrate", {"migrate": "up"})
    check("migration", sorted(answer), ["applied", "outstanding"])


WORK = {"account": read_account, "auth": log_in, "quota": read_quota, "topics": list_topics, "health": report_health,
        "upload-url": sign_upload, "confirm": confirm, "delete": delete, "documents": serve_documents,
        "classify": classify, "cleanup": sweep, "mail": send_mails, "migrate": migrate, "passkeys": use_passkeys,
        "admin": manage_accounts}
