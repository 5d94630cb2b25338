//! The view `document_access` does not change the plans of the statements that read it.

use docuvault::auth::User;
use docuvault::db::{self, Database};
use docuvault::document::{DocumentQuery, Filter, Status};
use docuvault::file::grams;
use docuvault::id::{DocumentId, SessionId, TopicId, UserId};
use docuvault::page::{PageQuery, PageRequest, Position};
use docuvault::storage::StoredObject;
use docuvault::topic::Namespace;
use docuvault::{Result, config};
use tests::TestDatabase;
use tests::recorder::{Recorded, Recorder};
use time::OffsetDateTime;
use tokio_postgres::Client;

/// The number of documents of the account that sends the statements. It is more than the newest 8,000, which
/// a list by name reads before it uses the index of grams (`docuvault::file::grams`).
const DOCUMENTS: usize = 10_000;

/// Creates two hundred other accounts with fifty documents each.
const CREATE_OTHERS: &str = "
    insert into users (id, email, password_hash)
    select gen_random_uuid(), n || '@example.com', '' from generate_series(1, 200) n;
    insert into documents (id, user_id, filename, filename_key, content_type, size_bytes, object_key, status,
        confirmed_at, url_expires_at)
    select gen_random_uuid(), u.id, 'a.txt', 'a.txt', 'text/plain', 1, gen_random_uuid(), 'uploaded',
        now(), now()
    from users u, generate_series(1, 50)";

/// Creates an account whose documents have these names and grams. Every hundredth is not confirmed.
const CREATE_ACCOUNT: &str = "
    with account as (
        insert into users (id, email, password_hash) values ($1, 'alice@example.com', '') returning id
    )
    insert into documents (id, user_id, filename, filename_key, filename_grams, content_type, size_bytes,
        object_key, status, created_at, confirmed_at, url_expires_at)
    select gen_random_uuid(), id, name, name, grams::integer[], 'text/plain', 1, gen_random_uuid(),
        case when n % 100 = 0 then 'pending' else 'uploaded' end, now() - n * interval '1 minute',
        case when n % 100 > 0 then now() end, now()
    from account, unnest($2::text[], $3::text[]) with ordinality named (name, grams, n)";

/// Creates five thousand accounts without documents.
const CREATE_IDLE: &str = "insert into users (id, email, password_hash)
    select gen_random_uuid(), 'idle' || n || '@example.com', '' from generate_series(1, 5000) n";

/// Creates ten sessions for each account. One of them has the account's own id.
const CREATE_SESSIONS: &str = "
    insert into sessions (id, user_id, expires_at, ends_at)
    select case when n = 1 then id else gen_random_uuid() end, id, now() + interval '30 days',
        now() + interval '90 days'
    from users, generate_series(1, 10) n";

/// Creates a topic and gives it to every tenth document.
const CREATE_TOPIC: &str = "
    with topic as (insert into topics (id, name, name_key) values ($1, 'Reports', 'reports') returning id)
    insert into document_topics (document_id, topic_id)
    select d.id, t.id from topic t, (select id, row_number() over (order by id) as n from documents) d
    where n % 10 = 0";

/// A statement as it was sent.
struct SentStatement {
    /// The name for messages of a failed test.
    name: &'static str,
    /// The indexes that its plan must have.
    indexes: &'static [&'static str],
    /// The statement.
    statement: Recorded,
}

/// An account with many documents among other accounts, and a recorder of the statements sent for it.
struct Fixture {
    database: TestDatabase,
    recorder: Recorder,
    user: User,
    topic: TopicId,
}

impl Fixture {
    async fn new() -> Self {
        let database = TestDatabase::migrated().await;
        let recorder = Recorder::start(database.address()).await;
        let id = UserId::new();
        let user = User { id, session: SessionId(id.0) };
        let topic = TopicId::new();
        let names: Vec<_> = (0..DOCUMENTS).map(|n| format!("report {n}.txt")).collect();
        let grams: Vec<_> = names
            .iter()
            .map(|name| {
                format!("{:?}", grams::from_name_key(user.id, name)).replace('[', "{").replace(']', "}")
            })
            .collect();
        let superuser = database.superuser().await;
        superuser.batch_execute(CREATE_OTHERS).await.unwrap();
        superuser.execute(CREATE_ACCOUNT, &[&user.id, &names, &grams]).await.unwrap();
        superuser.execute(CREATE_TOPIC, &[&topic]).await.unwrap();
        superuser.batch_execute(CREATE_IDLE).await.unwrap();
        superuser.batch_execute(CREATE_SESSIONS).await.unwrap();
        superuser.batch_execute("insert into quotas (user_id) select id from users").await.unwrap();
        superuser.batch_execute("vacuum analyze").await.unwrap();
        Self { database, recorder, user, topic }
    }

    fn db(&self) -> Database {
        let url = self.database.url_at("docuvault_app", &self.recorder.address).parse().unwrap();
        Database::new(config::DatabaseConfig { url, iam: None })
    }

    /// Runs a statement and returns it as it was sent. Its answer does not matter.
    async fn record<T>(
        &self,
        name: &'static str,
        statement: impl Future<Output = Result<T>>,
    ) -> SentStatement {
        let before = self.recorder.recorded().len();
        drop(statement.await);
        let mut sent = self.recorder.recorded();
        assert_eq!(sent.len(), before + 1, "{name} sends one statement");
        SentStatement { name, indexes: &["documents_pkey"], statement: sent.pop().unwrap() }
    }

    /// Reads a page of a list and returns the statement as it was sent.
    async fn record_list(
        &self,
        name: &'static str,
        indexes: &'static [&'static str],
        query: DocumentQuery,
        page: PageQuery,
    ) -> SentStatement {
        let (db, filter) = (self.db(), Filter::parse(query).unwrap().0);
        let paging = PageRequest::parse("documents", self.user.id, &page).unwrap();
        let sent = self.record(name, db::document::list(&db, self.user, &filter, &paging)).await;
        SentStatement { indexes, ..sent }
    }

    /// Returns the cursor of the second page.
    fn second_page(&self) -> PageQuery {
        let paging = PageRequest::parse("documents", self.user.id, &PageQuery::default()).unwrap();
        let last = Position { created_at: OffsetDateTime::now_utc(), id: DocumentId::new().0 };
        let cursor = paging.page(vec![(); 51], |()| last).next_cursor;
        PageQuery { cursor, limit: None }
    }

    /// Returns every statement by which an account finds documents in the view.
    async fn statements_on_the_view(&self) -> Vec<SentStatement> {
        let (db, user, id) = (&self.db(), self.user, DocumentId::new());
        let stored = StoredObject { size_bytes: 1, sha256: None, etag: None, content_type: None };
        let limits = config::DocumentLimits { classifications_per_hour: 1 };
        let by_status = || DocumentQuery { status: Some(Status::Pending), ..all_documents() };
        vec![
            self.record("get", db::document::get(db, user, id)).await,
            // Both indexes lead to one row. This one has only confirmed documents.
            SentStatement {
                indexes: &["documents_confirmed_by_owner"],
                ..self.record("stored", db::document::find_stored(db, user, id)).await
            },
            self.record("set_topics", db::document::set_topics(db, user, id, &[])).await,
            self.record("delete", db::document::delete(db, user, id)).await,
            self.record("find", db::upload::find(db, user, id)).await,
            self.record("charge", db::upload::charge(db, user.id, id, &stored, 1)).await,
            self.record("refuse", db::upload::refuse(db, user.id, id)).await,
            self.record("request", db::classification::request(db, limits, user, id)).await,
            self.record_list("newest", OWNER_INDEXES, all_documents(), first_page()).await,
            self.record_list("second page", OWNER_INDEXES, all_documents(), self.second_page()).await,
            self.record_list("by status", &["documents_by_owner_and_status"], by_status(), first_page())
                .await,
            self.record_list("by name", NAME_INDEXES, by_name("9999"), first_page()).await,
            self.record_list("second page by name", NAME_INDEXES, by_name("9999"), self.second_page()).await,
        ]
    }

    /// Returns the lists by topic, which read the rows of `document_topics` instead of the view.
    async fn lists_by_topic(&self) -> Vec<SentStatement> {
        let by_topic = || DocumentQuery { topic: Some(self.topic), ..all_documents() };
        vec![
            self.record_list("by topic", &[], by_topic(), first_page()).await,
            self.record_list("second page by topic", &[], by_topic(), self.second_page()).await,
        ]
    }
}

/// The indexes that a list of all documents uses.
const OWNER_INDEXES: &[&str] = &["documents_by_owner"];
/// The indexes that a list by name uses.
const NAME_INDEXES: &[&str] = &["documents_by_owner", "documents_by_filename"];

fn all_documents() -> DocumentQuery {
    DocumentQuery::default()
}

fn first_page() -> PageQuery {
    PageQuery::default()
}

fn by_name(part: &str) -> DocumentQuery {
    DocumentQuery { q: Some(part.to_owned()), ..all_documents() }
}

/// Returns the plan of a statement. Names that the planner numbers (`d_1`) lose their numbers.
async fn explain(client: &Client, statement: &Recorded, text: &str) -> String {
    let explain = format!("explain (costs off) {text}");
    let rows = client.query_typed(&explain, &statement.params()).await.unwrap();
    let lines: Vec<_> = rows.iter().map(|row| row.get::<_, String>(0)).collect();
    (1..9).fold(lines.join("\n"), |plan, n| plan.replace(&format!("_{n}"), ""))
}

#[tokio::test]
async fn a_statement_on_the_view_has_the_plan_that_it_has_on_the_table() {
    let fixture = Fixture::new().await;
    let app = fixture.database.connect_as("docuvault_app").await;
    for SentStatement { name, statement, indexes } in fixture.statements_on_the_view().await {
        assert!(statement.text.contains("document_access d"), "{name}");
        let on_table = statement
            .text
            .replace("document_access d", "documents d")
            .replace("d.account_id", "d.user_id")
            .replace("d.access = 'owner'", "true");
        assert!(!on_table.contains("access"), "{on_table}");
        let plan = explain(&app, &statement, &statement.text).await;
        assert_eq!(plan, explain(&app, &statement, &on_table).await, "{name}");
        for index in indexes {
            assert!(
                plan.contains(&format!(" using {index} ")) || plan.contains(&format!(" on {index}\n")),
                "{name}:\n{plan}"
            );
        }
    }
}

/// A list by topic does not read the view (`src/db/document/list.rs`). If it compared the view's
/// `account_id`, the planner would sort all documents of the topic for each page.
#[tokio::test]
async fn a_list_by_topic_reads_the_accounts_labels_in_the_order_of_the_list() {
    let fixture = Fixture::new().await;
    let app = fixture.database.connect_as("docuvault_app").await;
    for SentStatement { name, statement, .. } in fixture.lists_by_topic().await {
        let in_order = "Index Only Scan Backward using document_topics_by_owner on document_topics dt\n";
        let plan = explain(&app, &statement, &statement.text).await;
        assert!(plan.contains(in_order), "{name}:\n{plan}");
        let on_view = statement
            .text
            .replace("join documents d", "join document_access d")
            .replace("where dt.user_id = $1", "where d.account_id = $1");
        let plan = explain(&app, &statement, &on_view).await;
        assert!(plan.contains("Sort Key: dt.created_at DESC, d.id DESC\n"), "{name}:\n{plan}");
    }
}

/// The numbers of documents in a list of topics come from an index that has everything they need. The planner
/// must be kept from reading the whole table, which is cheaper here because the table is small.
#[tokio::test]
async fn the_documents_of_a_topic_are_counted_in_an_index_alone() {
    let fixture = Fixture::new().await;
    let app = fixture.database.connect_as("docuvault_app").await;
    let paging = PageRequest::parse("topics", fixture.user.id, &first_page()).unwrap();
    let (db, own) = (fixture.db(), Namespace::Own);
    let list = db::topic::list(&db, fixture.user, own, &paging, true);
    let SentStatement { statement, .. } = fixture.record("topics", list).await;
    app.batch_execute("set enable_seqscan = off; set enable_bitmapscan = off").await.unwrap();
    let plan = explain(&app, &statement, &statement.text).await;
    let counted = "Index Only Scan using document_topics_by_owner on document_topics dt\n";
    assert!(plan.contains(counted), "{plan}");
}

/// The view `callers` costs a statement one row of `users` and one of `sessions`, each found by its id.
#[tokio::test]
async fn a_statement_finds_its_caller_by_two_ids() {
    let fixture = Fixture::new().await;
    let app = fixture.database.connect_as("docuvault_app").await;
    let statements = fixture.statements_on_the_view().await.into_iter().chain(fixture.lists_by_topic().await);
    let without = ["charge", "refuse"];
    for SentStatement { name, statement, .. } in statements.filter(|sent| !without.contains(&sent.name)) {
        assert!(statement.text.contains(" callers"), "{name}");
        let plan = explain(&app, &statement, &statement.text).await;
        for index in ["users_pkey on users u", "sessions_pkey on sessions s"] {
            assert!(plan.contains(&format!("Index Scan using {index}\n")), "{name}:\n{plan}");
        }
        for table in ["users", "sessions"] {
            assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{name}:\n{plan}");
        }
    }
}
