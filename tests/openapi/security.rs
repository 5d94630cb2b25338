//! `docs/SECURITY.md` says what could go wrong at each route.

use std::collections::BTreeSet;

use crate::reference::operations;

const PAGE: &str = include_str!("../../docs/SECURITY.md");

/// Returns the rows of the table of threats, without its head.
fn rows() -> Vec<Vec<&'static str>> {
    let (_, table) = PAGE.split_once("## Threats at each route").unwrap();
    let rows =
        table.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    rows.skip(2).map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn every_route_has_a_row_with_its_threats_and_what_prevents_them() {
    let mut described = BTreeSet::new();
    for row in rows() {
        let [route, callers, threats, answers] = row[..] else { panic!("{row:?}") };
        assert!(described.insert(route.trim_matches('`').to_lowercase()), "{route} is there twice");
        assert!([callers, threats, answers].iter().all(|cell| !cell.is_empty()), "{route}");
    }
    let routes = operations().into_keys().filter(|name| !name.starts_with("head "));
    assert_eq!(described, routes.map(|name| name.to_lowercase()).collect());
}
