use docuvault::Error;
use docuvault::db::{Database, topic};
use docuvault::id::TopicId;
use docuvault::topic::{Namespace, NewTopic};
use docuvault::visit::Visit;
use serde_json::{Value, from_value, json};

use super::{ADA, ROOT, pages};

/// Topics that documents get.
#[derive(Clone, Copy)]
pub struct Topics {
    /// A topic of Ada.
    pub own: TopicId,
    /// A system topic.
    pub system: TopicId,
}

fn new(name: &str) -> NewTopic {
    from_value(json!({"name": name, "description": "A description"})).unwrap()
}

/// Sends the statements for topics.
pub async fn send(db: &Database) -> Topics {
    let (own, system, visit) = (Namespace::Own, Namespace::System, &Visit::default());
    let create = async |name| topic::create(db, ADA, own, &new(name), 10, visit).await;
    let invoices = create("Invoices").await.unwrap().id;
    let letters = create("Letters").await.unwrap().id;
    assert!(matches!(create("invoices").await, Err(Error::TopicExists)));
    let full = topic::create(db, ADA, own, &new("Photos"), 2, visit).await;
    assert!(matches!(full, Err(Error::TooManyTopics(2))));
    let contracts = topic::create(db, ROOT, system, &new("Contracts"), 10, visit).await.unwrap().id;
    assert!(matches!(
        topic::create(db, ADA, system, &new("Mine"), 10, visit).await,
        Err(Error::WrongRole(_))
    ));

    let change =
        async |id, change: Value| topic::change(db, ADA, own, id, &from_value(change).unwrap(), visit).await;
    change(letters, json!({"name": "Post"})).await.unwrap();
    change(letters, json!({"description": ""})).await.unwrap();
    assert!(matches!(change(letters, json!({"name": "Contracts"})).await, Err(Error::TopicExists)));
    assert!(matches!(change(contracts, json!({"name": "Mine"})).await, Err(Error::NotFound)));
    topic::change(db, ROOT, system, contracts, &from_value(json!({"name": "Agreements"})).unwrap(), visit)
        .await
        .unwrap();

    for page in pages("topics", ADA.id) {
        assert_eq!(topic::list(db, ADA, own, &page, true).await.unwrap().len(), 3);
    }
    for page in pages("admin topics", ROOT.id) {
        assert_eq!(topic::list(db, ROOT, system, &page, false).await.unwrap().len(), 1);
    }
    // A system topic replaces own topics of the same name.
    let post = topic::create(db, ROOT, system, &new("Post"), 10, visit).await.unwrap().id;
    assert!(matches!(topic::delete(db, ADA, own, letters, visit).await, Err(Error::NotFound)));
    topic::delete(db, ROOT, system, post, visit).await.unwrap();
    let photos = create("Photos").await.unwrap().id;
    topic::delete(db, ADA, own, photos, visit).await.unwrap();
    Topics { own: invoices, system: contracts }
}
