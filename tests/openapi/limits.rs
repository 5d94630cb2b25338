//! Everything that a request may contain has a limit, and the limits are those of the code.

use docuvault::file::{ContentType, Filename};
use docuvault::quota::LimitBytes;
use docuvault::topic::{Description, TopicName};
use docuvault::{account, config, document, limits, name, page, password, visit};
use serde_json::Value;

use crate::reference::{document, operations, resolve};

/// Returns whether the values of a schema are limited. A text is limited by a maximum length, a pattern, a
/// list of words or the format `uuid`.
fn is_limited(schema: &Value) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| schema.get(*name).is_some());
    let is =
        |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all[0] == kind);
    let is_id = schema["format"] == "uuid";
    !(is("string") && !is_id && !has(&["maxLength", "pattern", "enum"]))
        && !(is("integer") && !(has(&["minimum"]) && has(&["maximum"])))
        && (!is("array") || has(&["maxItems"]))
}

/// Asserts that a schema and its parts are limited.
fn assert_limited(what: &str, schema: &Value) {
    let schema = resolve(schema);
    assert!(is_limited(schema), "{what} has no limit: {schema}");
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        assert_limited(&format!("{what}.{name}"), field);
    }
    let parts = schema["oneOf"].as_array().into_iter().flatten().chain(schema.get("items"));
    parts.for_each(|part| assert_limited(what, part));
}

#[test]
fn every_text_number_and_list_of_a_request_has_a_limit() {
    for (name, operation) in operations() {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert_limited(&format!("{name}: {}", parameter["name"]), &parameter["schema"]);
        }
        if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") {
            assert_limited(&name, schema);
        }
    }
}

#[test]
fn limits_in_the_reference_match_the_code() {
    let isolated = 2 * Filename::MAX_CHARACTERS + 1;
    for (place, limit) in [
        ("NewUpload/properties/size_bytes/maximum", limits::MAX_UPLOAD_BYTES as usize),
        ("Filename/maxLength", Filename::MAX_CHARACTERS),
        ("Document/properties/filename/maxLength", isolated),
        ("ContentType/maxLength", ContentType::MAX_BYTES),
        ("Document/properties/content_type/maxLength", ContentType::MAX_BYTES),
        ("TopicName/maxLength", TopicName::MAX_CHARACTERS),
        ("Topic/properties/name/maxLength", TopicName::MAX_CHARACTERS),
        ("DocumentTopic/properties/name/maxLength", TopicName::MAX_CHARACTERS),
        ("Description/maxLength", Description::MAX_CHARACTERS),
        ("Topic/properties/description/maxLength", Description::MAX_CHARACTERS),
        ("TopicSelection/properties/topic_ids/maxItems", document::MAX_TOPICS),
        ("EmailAndPassword/properties/email/maxLength", account::MAX_EMAIL_BYTES),
        ("ResetRequest/properties/email/maxLength", account::MAX_EMAIL_BYTES),
        ("Reset/properties/new_password/minLength", password::MIN_LENGTH),
        ("Reset/properties/new_password/maxLength", password::MAX_LENGTH),
        ("EmailAndPassword/properties/password/minLength", password::MIN_LENGTH),
        ("EmailAndPassword/properties/password/maxLength", password::MAX_LENGTH),
        ("PasskeyName/maxLength", name::MAX_CHARACTERS),
        ("Passkey/properties/name/maxLength", name::MAX_CHARACTERS),
        ("NewUser/properties/email/maxLength", account::MAX_EMAIL_BYTES),
        ("LimitBytes/maximum", LimitBytes::MAX as usize),
        ("Page_ManagedUser/properties/items/maxItems", page::MAX_LIMIT),
        ("Page_Document/properties/items/maxItems", page::MAX_LIMIT),
        ("Page_Topic/properties/items/maxItems", page::MAX_LIMIT),
        ("Page_Session/properties/items/maxItems", page::MAX_LIMIT),
        ("Session/properties/user_agent/maxLength", visit::MAX_USER_AGENT),
    ] {
        let written = document().pointer(&format!("/components/schemas/{place}"));
        assert_eq!(written, Some(&limit.into()), "{place}");
    }
}

#[test]
fn limits_of_parameters_are_those_of_the_code() {
    for (operation, operation_value) in operations() {
        let parameters = operation_value["parameters"].as_array().into_iter().flatten();
        for parameter in parameters {
            let schema = &parameter["schema"];
            match parameter["name"].as_str().unwrap() {
                "limit" => {
                    assert_eq!(schema["maximum"], page::MAX_LIMIT, "{operation}");
                    assert_eq!(schema["default"], page::DEFAULT_LIMIT, "{operation}");
                }
                "q" if operation.ends_with("/users") => {
                    assert_eq!(schema["maxLength"], account::MAX_EMAIL_BYTES, "{operation}");
                }
                "q" => assert_eq!(schema["maxLength"], Filename::MAX_CHARACTERS, "{operation}"),
                _ => {}
            }
        }
    }
}

#[test]
fn descriptions_name_the_limits_on_the_number_of_requests() {
    let thousands = |count: u32| match (count / 1_000, count % 1_000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    };
    for (name, what, count) in [
        ("post /api/documents/upload-url", "URLs an hour", config::UploadLimits::URLS_PER_HOUR),
        ("post /api/documents/upload-url", "of your URLs", config::UploadLimits::MAX_PENDING),
        (
            "post /api/documents/{id}/classify",
            "classifications",
            config::DocumentLimits::CLASSIFICATIONS_PER_HOUR,
        ),
        ("post /api/topics", "topics of your own", config::TopicLimits::MAX_OWN),
    ] {
        let description = operations()[name]["description"].as_str().unwrap().replace('\n', " ");
        let limit = format!(" {} {what}", thousands(count));
        assert!(description.contains(&limit), "{name} does not say {limit:?}: {description}");
    }
}
