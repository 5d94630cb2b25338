//! Lists are ordered by the values that they show: by `created_at`, then by id.

use serde_json::Value;
use tests::{Client, TestVault};

use crate::{assert_problem, topics};

/// Returns the ids of a list, read in pages of two.
async fn read_by_pages(client: &Client, url: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page =
            client.get(&format!("{url}{}limit=2{cursor}", if url.contains('?') { '&' } else { '?' })).await;
        let page = page.expect(200);
        let items = page["items"].as_array().unwrap();
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match &page["next_cursor"] {
            Value::Null => return ids,
            next => cursor = format!("&cursor={}", next.as_str().unwrap()),
        }
    }
}

/// Returns the ids of a list, read in one page and sorted by the shown `created_at` and id, newest first.
async fn sorted_by_shown_time(client: &Client, url: &str) -> Vec<String> {
    let page =
        client.get(&format!("{url}{}limit=100", if url.contains('?') { '&' } else { '?' })).await.expect(200);
    let mut items = page["items"].as_array().unwrap().clone();
    let place = |item: &Value| {
        (item["created_at"].as_str().unwrap().to_owned(), item["id"].as_str().unwrap().to_owned())
    };
    items.sort_by_key(|item| std::cmp::Reverse(place(item)));
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn documents_are_listed_by_creation_time_whatever_their_ids() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    let admin = vault.create_admin().await;
    let topic = topics::create_topic(&admin, "/api/admin/topics", "Report").await["id"].take();
    for n in 0..9 {
        let id = alice.store_confirmed(&format!("report {n}.txt"), b"").await.document_id;
        let topics = serde_json::json!({"topic_ids": [topic]});
        alice.put(&format!("/api/documents/{id}/topics"), topics).await.expect(200);
    }
    // Clocks of functions differ: a later id can have an earlier time, and times can be equal.
    vault
        .tamper(
            "update documents d set created_at = timestamptz '2026-01-01 00:00:00.000001+00' + ((o.n * 7) % 5) * interval '1 microsecond'
             from (select id, row_number() over (order by id) as n from documents) o where o.id = d.id;
             update document_topics dt set created_at = d.created_at from documents d where d.id = dt.document_id",
        )
        .await;
    let topic = topic.as_str().unwrap();
    for url in [
        "/api/documents",
        "/api/documents?status=uploaded",
        "/api/documents?q=PORT",
        &format!("/api/documents?topic={topic}"),
        &format!("/api/documents?topic={topic}&q=report"),
    ] {
        let ids = read_by_pages(&alice, url).await;
        assert_eq!(ids, sorted_by_shown_time(&alice, url).await, "{url}");
        assert_eq!(ids.len(), 9, "{url}");
    }
}

#[tokio::test]
async fn topics_are_listed_by_creation_time_whatever_their_ids() {
    let vault = TestVault::new().await;
    let (alice, admin) = (vault.create_user().await, vault.create_admin().await);
    for n in 0..5 {
        topics::create_topic(&alice, "/api/topics", &format!("own {n}")).await;
        topics::create_topic(&admin, "/api/admin/topics", &format!("system {n}")).await;
    }
    vault
        .tamper(
            "update topics t set created_at = timestamptz '2026-01-01 00:00+00' + ((o.n * 7) % 4) * interval '1 microsecond'
             from (select id, row_number() over (order by id) as n from topics) o where o.id = t.id",
        )
        .await;
    for (client, url, count) in [(&alice, "/api/topics", 10), (&admin, "/api/admin/topics", 5)] {
        let ids = read_by_pages(client, url).await;
        assert_eq!(ids, sorted_by_shown_time(client, url).await, "{url}");
        assert_eq!(ids.len(), count, "{url}");
    }
}

#[tokio::test]
async fn a_cursor_is_refused_by_every_other_list() {
    let vault = TestVault::new().await;
    let admin = vault.create_admin().await;
    let alice = vault.create_user().await;
    for n in 0..2 {
        alice.store_confirmed("a.txt", b"").await;
        topics::create_topic(&alice, "/api/topics", &format!("own {n}")).await;
        topics::create_topic(&admin, "/api/admin/topics", &format!("system {n}")).await;
    }
    let lists = [
        (&alice, "/api/documents"),
        (&alice, "/api/topics"),
        (&admin, "/api/admin/topics"),
        (&admin, "/api/topics"),
    ];
    for (reader, list) in lists {
        let page = reader.get(&format!("{list}?limit=1")).await.expect(200);
        let cursor = page["next_cursor"].as_str().unwrap();
        for (other_reader, other) in lists {
            let answer = other_reader.get(&format!("{other}?cursor={cursor}")).await;
            if (reader.id(), list) == (other_reader.id(), other) {
                answer.expect(200);
            } else {
                assert_problem(answer, 422, "invalid");
            }
        }
    }
}
