//! Reads metrics from a function's log, as CloudWatch does.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonschema::Validator;
use serde_json::{Value, json};

/// The namespace of the metrics in tests.
pub const NAMESPACE: &str = "DocuVault/tests";

/// CloudWatch refuses metrics that are older than this.
const OLDEST: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Returns the sum of each metric in a log, by its name. A metric with a dimension is there once more as
/// `<name> of <value>`. Panics if a line breaks a rule of the embedded metric format.
pub fn sum_metrics(log: &str) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    let rules = rules();
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        if !line["_aws"].is_null() {
            check_line(&rules, &line);
            add_metrics(&mut sums, &line);
        }
    }
    sums
}

/// Returns metrics in the form of [`sum_metrics`].
pub fn metrics<const N: usize>(expected: [(&str, u64); N]) -> BTreeMap<String, u64> {
    expected.map(|(name, value)| (name.to_owned(), value)).into()
}

fn add_metrics(sums: &mut BTreeMap<String, u64>, line: &Value) {
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
        for metric in directive["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            for set in directive["Dimensions"].as_array().unwrap() {
                let values =
                    set.as_array().unwrap().iter().map(|key| line[key.as_str().unwrap()].as_str().unwrap());
                let key = values.fold(name.to_owned(), |key, value| format!("{key} of {value}"));
                *sums.entry(key).or_default() += line[name].as_u64().unwrap();
            }
        }
    }
}

/// The rules of CloudWatch's embedded metric format that a JSON schema can express.
fn rules() -> Validator {
    let name = json!({"type": "string", "minLength": 1, "maxLength": 255});
    let unit = json!({"enum": ["Bytes", "Count", "Microseconds", "Seconds"]});
    let metric = json!({
        "type": "object", "required": ["Name"], "additionalProperties": false,
        "properties": {"Name": name, "Unit": unit},
    });
    let directive = json!({
        "type": "object", "required": ["Namespace", "Dimensions", "Metrics"], "additionalProperties": false,
        "properties": {
            "Namespace": {"const": NAMESPACE},
            "Dimensions": {"type": "array", "minItems": 1, "items": {"type": "array", "maxItems": 30, "items": name}},
            "Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "uniqueItems": true, "items": metric},
        },
    });
    let metadata = json!({
        "type": "object", "required": ["Timestamp", "CloudWatchMetrics"], "additionalProperties": false,
        "properties": {
            "Timestamp": {"type": "integer"},
            "CloudWatchMetrics": {"type": "array", "minItems": 1, "items": directive},
        },
    });
    jsonschema::validator_for(&json!({
        "type": "object", "required": ["_aws"], "properties": {"_aws": metadata},
    }))
    .unwrap()
}

/// Checks a line against all rules, also those that a schema cannot express.
fn check_line(rules: &Validator, line: &Value) {
    let problems: Vec<_> = rules.iter_errors(line).map(|problem| problem.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}: {line}");
    let time = Duration::from_millis(line["_aws"]["Timestamp"].as_u64().unwrap());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    assert!(time <= now && now - time < OLDEST, "{line}");
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
        for metric in directive["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            assert!(line[name].is_number(), "{name}: {line}");
            let unit = match name.rsplit('_').next().unwrap() {
                "bytes" => "Bytes",
                "us" => "Microseconds",
                "s" => "Seconds",
                _ => "Count",
            };
            assert_eq!(metric["Unit"], unit, "{name}");
        }
        for dimension in directive["Dimensions"].as_array().unwrap().iter().filter_map(|set| set.get(0)) {
            let value = line[dimension.as_str().unwrap()].as_str().unwrap_or_default();
            assert!(!value.is_empty() && value.len() <= 1024, "{dimension}: {line}");
        }
    }
}
