"""Each fence reports violations. Without these tests nobody would notice a fence that reports nothing."""

import unittest

from dev import fences


class FencesTest(unittest.TestCase):
    def assertBreaks(self, text: str, path: str = "src/quota.rs", line: int = 1):
        self.assertEqual([breach.split(": ")[0] for breach in fences.find_breaches_in(path, text)], [f"{path}:{line}"], text)

    def assertPasses(self, text: str, path: str = "src/quota.rs"):
        self.assertEqual(fences.find_breaches_in(path, text), [], text)

    def test_sql_is_only_allowed_in_its_folder(self):
        for sql in ("select 1", "SELECT id FROM documents", "insert into topics values ($1)", "delete from quotas where true",
                    "update quotas set used_bytes = 0", "update quotas as q set used_bytes = 0", "with gone as (delete",
                    "-- quota::read\\n\\", "\\n     select 1", "create table t ()"):
            for text in (f'db.query("{sql} ")', f'db.query(r#"{sql} "#)', f'db.query(\n"{sql} ")'):
                self.assertBreaks(text, line=2 if "(\n" in text else 1)
                self.assertPasses(text, "src/db/quota.rs")
                self.assertPasses(text, "tests/api/quota.rs")

    def test_prose_is_not_sql(self):
        for text in ('"selected"', '"update the index"', '"with care"', '"deleted"', "// select 1", '"insert"'):
            self.assertPasses(text)

    def test_a_client_is_only_allowed_in_its_file(self):
        self.assertBreaks("use aws_sdk_s3::Client;")
        self.assertPasses("use aws_sdk_s3::Client;", "src/storage.rs")
        self.assertBreaks("use aws_sdk_sqs::Client;", "functions/classify/src/lib.rs")
        self.assertPasses("use aws_sdk_sqs::Client;", "tools/local/src/queue.rs")

    def test_the_environment_is_read_in_one_place(self):
        for text in ('std::env::var("X")', "env::vars()", 'std::env::var_os("X")'):
            self.assertBreaks(f"//! A comment\n{text}", line=2)
            self.assertPasses(text, "src/config.rs")
        self.assertPasses('env!("CARGO_MANIFEST_DIR")')

    def test_accounts_find_documents_in_the_view(self):
        for text in ("from documents d where d.user_id = $1", "documents d on d.user_id = u.id", "account a on a.id = d.user_id"):
            self.assertBreaks(text, "src/db/document.rs")
            self.assertPasses(text, "src/db/classification.rs")
        self.assertPasses("join document d on d.user_id = q.user_id", "src/db/upload.rs")

    def test_only_the_list_by_topic_finds_documents_by_the_owner_of_their_labels(self):
        for text in ("from document_topics dt where dt.user_id = $1", "document_topics dt on dt.user_id = u.id"):
            self.assertBreaks(text, "src/db/document.rs")
            self.assertPasses(text, "src/db/document/list.rs")

    def test_routes_are_made_in_one_place(self):
        self.assertBreaks('Router::new().route("/api/health", get(health))', "functions/health/src/lib.rs")
        self.assertPasses('routes.route(&P::path(), on(filter, handler))', "src/http/routes.rs")
        self.assertPasses('page.route("/api/openapi.json", get(document))', "tools/local/src/gateway/reference.rs")

    def test_parameters_are_labelled_in_order(self):
        for text in ("&[/* $1 */ &id, /* $2 */ &user]", "&[/* $1 */ &id];\n&[/* $1 */ &user]", "&[]"):
            self.assertPasses(text, "src/db/quota.rs")
        for text in ("&[&id]", "&[/* $2 */ &id]", "&[/* $1 */ &id, /* $3 */ &user]", "&[\n&id]"):
            self.assertBreaks(text, "src/db/quota.rs")
            self.assertPasses(text, "src/quota.rs")
