//! Tests of the whole classifier.

use super::*;

const MAX_SUGGESTIONS: usize = 3;

const fn topic<'a>(name: &'a str, description: &'a str) -> TopicDescription<'a> {
    TopicDescription { name, description }
}

fn classify_text(filename: &str, text: &str, topics: &[TopicDescription<'_>]) -> Classification {
    classify(DocumentContent { filename, content_type: "text/plain", text }, topics, MAX_SUGGESTIONS)
}

/// The confidence that a text is about a topic, or `None` if the topic does not match.
fn confidence_in(filename: &str, text: &str, name: &str, description: &str) -> Option<f32> {
    classify_text(filename, text, &[topic(name, description)]).matches.first().map(|found| found.confidence)
}

/// The indices of the topics that match.
fn matched_topics(found: &Classification) -> Vec<usize> {
    found.matches.iter().map(|found| found.topic).collect()
}

/// Text whose words no topic of these tests has.
fn filler_text(words: usize) -> String {
    "meadow river lantern quarry ".repeat(words / 4)
}

const GERMAN_SENTENCE: &str =
    "Sehr geehrte Frau Lindner, wir haben Ihnen heute geschrieben, weil sich bei uns etwas ändert.";

#[test]
fn a_topic_matches_by_its_name_or_by_two_words_of_its_description() {
    let topics = [
        topic("Invoices", "amounts payable by a due date"),
        topic("Health", "doctor hospital medicine"),
        topic("Travel", "flights hotels"),
    ];
    let long = format!("{} The amount is payable tomorrow. The doctor sent it.", filler_text(20));
    let found = classify_text("travel-2026.txt", &long, &topics);
    assert_eq!(matched_topics(&found), [2, 0]);
}

#[test]
fn inflected_words_match() {
    for (content, name) in [
        ("Two policies were sent to your address last week, please keep them.", "Policy"),
        (&format!("{GERMAN_SENTENCE} Die Verträge liegen bei."), "Vertrag"),
        (&format!("{GERMAN_SENTENCE} Die Ueberweisung ist erfolgt."), "Überweisungen"),
        ("Veuillez trouver ci-joint les factures du mois dernier, avec nos salutations.", "Facture"),
        ("Gelieve de bijgevoegde rekeningen binnen dertig dagen te betalen aan ons kantoor.", "Rekening"),
    ] {
        assert!(confidence_in("a", content, name, "").is_some(), "{name}: {content}");
    }
}

#[test]
fn a_compound_counts_for_its_first_and_last_part() {
    for (compound, name, counts) in [
        ("Krankenversicherungen", "Versicherung", true),
        ("Einkommensteuer", "Steuer", true),
        ("Versicherungsschein", "Versicherung", true),
        ("Mietvertrag", "Miete", true),
        ("Rathaus", "Rat", false),
        ("Bereifen", "Reifen", false),
        ("Mieten", "Miete", true),
        ("Krankenversicherung", "Kasse", false),
    ] {
        let content = format!("{compound}: {GERMAN_SENTENCE}");
        assert_eq!(confidence_in("a", &content, name, "").is_some(), counts, "{compound} and {name}");
    }
    let whole = confidence_in(
        "a",
        &format!("{GERMAN_SENTENCE} {} Versicherung", filler_text(20)),
        "Versicherung",
        "",
    )
    .unwrap();
    let part = confidence_in(
        "a",
        &format!("{GERMAN_SENTENCE} Lebensversicherung {} Krankenversicherung", filler_text(20)),
        "Versicherung",
        "",
    );
    assert!(part.unwrap() < 1.3 * whole, "{part:?} of two parts is little more than {whole} of one whole");
    let english = "The keeper of the lighthouses wrote down every ship that passed in the night.";
    assert_eq!(confidence_in("a", english, "House", ""), None);
}

#[test]
fn a_document_without_text_is_classified_by_filename_and_type() {
    let german = "Verträge und Policen, die wir mit der Versicherung abgeschlossen haben, auch alte";
    assert!(confidence_in("Krankenversicherung_2024.jpg", "", "Versicherung", german).is_some());
    assert_eq!(confidence_in("MyTaxReturn2025.pdf", "", "Tax returns", ""), Some(1.0));
    assert_eq!(
        confidence_in("Gebu\u{308}hren.pdf", "", "Gebühren", ""),
        Some(1.0),
        "an umlaut in two characters"
    );
    assert_eq!(
        confidence_in("Application.pdf", "", "Job applications", ""),
        Some(0.5),
        "half of the words of the name"
    );
    let matched = |content_type| {
        let topics = [topic("Images", ""), topic("Job applications", "")];
        matched_topics(&classify(DocumentContent { filename: "IMG_1", content_type, text: "" }, &topics, 0))
    };
    assert_eq!(matched("image/png"), [0]);
    assert_eq!(matched("application/octet-stream"), [0; 0], "`application/` in a type does not count");
}

#[test]
fn scripts_without_spaces_match() {
    assert!(
        confidence_in("a", "株式会社東都 御中 請求書を同封いたしますのでご確認ください。", "請求書", "")
            .is_some()
    );
    assert!(confidence_in("a", "กรุณาชำระเงินตามใบแจ้งหนี้ที่แนบมานี้", "ใบแจ้งหนี้", "").is_some());
    assert_eq!(confidence_in("a", "株式会社東都 御中 見積書を同封いたします。", "請求書", ""), None);
}

#[test]
fn little_evidence_is_not_enough() {
    let passing = format!("{} flights {}", filler_text(40), filler_text(40));
    assert_eq!(
        confidence_in("a", &passing, "Travel", "flights hotels"),
        None,
        "one word of a description, once"
    );
    assert!(confidence_in("a", &passing.replace("flights", "travel"), "Travel", "flights hotels").is_some());
    let long = format!("{} travel {}", filler_text(1_000), filler_text(1_000));
    assert_eq!(confidence_in("a", &long, "Travel", ""), None, "a name, once, in a long text");
    assert!(confidence_in("a", &"travel ".repeat(100), "Travel", "").is_some());
    assert_eq!(
        confidence_in("a", "this and that with the other", "That and other", "with the"),
        None,
        "stop words"
    );
    for (name, description) in [("", ""), ("...", "!"), ("Invoices", "")] {
        assert_eq!(confidence_in("a.txt", "", name, description), None);
    }
    assert_eq!(classify_text("a.txt", "hello", &[]).matches, []);
}

#[test]
fn the_best_topic_comes_first_and_much_weaker_ones_are_dropped() {
    let topics = [
        topic("Money", "interest balance"),
        topic("Banks", "account balance interest transfer branch"),
        topic("Letters", "stamp postcard"),
        topic("Towns", "branch"),
    ];
    let content = format!(
        "Banks and what they do. {} account balance interest transfer branch money, stamp postcard",
        filler_text(20)
    );
    assert_eq!(matched_topics(&classify_text("a", &content, &topics)), [1]);
    let both = classify_text("invoice hotel", "", &[topic("Hotel", ""), topic("Invoice", "")]).matches;
    assert_eq!(both, [Match { topic: 0, confidence: 1.0 }, Match { topic: 1, confidence: 1.0 }]);
    let weaker = classify_text(
        "invoice",
        &format!("{} hotel", filler_text(20)),
        &[topic("Hotel", ""), topic("Invoice", "")],
    );
    assert_eq!(weaker.matches, [Match { topic: 1, confidence: 1.0 }, Match { topic: 0, confidence: 0.5 }]);
}

#[test]
fn a_word_of_many_descriptions_counts_less_for_each() {
    let content = format!("{} period notice", filler_text(40));
    assert!(confidence_in("a", &content, "Contracts", "period, notice").is_some());
    let topics = [topic("Contracts", "period, notice"), topic("School", "period"), topic("Boards", "notice")];
    assert_eq!(classify_text("a", &content, &topics).matches, []);
    let names = [topic("Period", ""), topic("Notice", "period")];
    assert_eq!(classify_text("a", &content, &names).matches.len(), 2, "words of names are not divided");
}

#[test]
fn repeated_phrases_are_suggested_if_no_topic_matches() {
    let content = "The church organ was built in 1744. Whoever hears a church organ for the first time looks up.\n\
        Restoring a church organ takes years, and a Church organ is never quite in tune. The bellows are new.";
    assert_eq!(classify_text("organ.txt", content, &[topic("Invoices", "")]).suggestions, ["Church organ"]);
    assert_eq!(classify_text("ORGEL.txt", &content.to_uppercase(), &[]).suggestions, ["Church organ"]);
    assert_eq!(
        classify_text("a", content, &[topic("Organ", "")]).suggestions,
        [] as [&str; 0],
        "a topic fits"
    );
    let known = ["Instruments", "Music", "Concerts"].map(|name| topic(name, "organs"));
    let found = classify_text("a", content, &known);
    assert_eq!(
        (found.matches.len(), found.suggestions),
        (0, vec!["Church".to_owned()]),
        "words of topics are not suggested"
    );
    let many = "badger, otter, lynx, heron, curlew. ".repeat(6);
    assert_eq!(
        classify_text("a", &many, &[]).suggestions,
        ["Badger", "Curlew", "Heron"],
        "no more than three"
    );
    let words = ["X", "Y"].map(|letter| letter.to_owned() + &letter.to_lowercase().repeat(39));
    let found = classify_text("a", &format!("{} {}. ", words[0], words[1]).repeat(20), &[]).suggestions;
    assert_eq!(found, words, "both together are too long for a name");
    for short in ["hello", "hello hello hello hello hello hello", "", "Invoice of the hotel"] {
        assert_eq!(classify_text("hello.txt", short, &[]).suggestions, [] as [&str; 0], "{short}");
    }
    let once =
        "Nobody knew where the cat had come from, but it sat upon the wall each morning and looked at us.";
    assert_eq!(classify_text("a.txt", once, &[]).suggestions, [] as [&str; 0], "no phrase is repeated");
}

#[test]
fn hostile_input_gets_the_same_answer_twice() {
    let data = "x".repeat(10_000);
    let topics = [topic("請求書", "ﬁnance \u{0} ǅ İ"), topic("Versicherung", &data), topic("\u{301}", "a")];
    let long = "Donaudampfschifffahrt".repeat(100);
    for content in [
        "a".repeat(2_000),
        "\u{0}\u{7}\u{1b}\u{fffd}".repeat(2_000),
        "\u{fdfa} ".repeat(2_000),
        "e\u{301}\u{316}\u{20dd}".repeat(2_000),
        "\u{202e}\u{200d}👩‍🚀 ".repeat(1_000),
        "請求書の合計金額は三万円です".repeat(500),
        format!("{GERMAN_SENTENCE} {long}"),
        (1..10_000).filter_map(char::from_u32).collect(),
        (1..2_000).map(|n| format!("w{n} ")).collect(),
    ] {
        for filename in ["a.txt", "", ".", "İSTANBULßǅ.ﬁ", &content] {
            let (first, second) =
                (classify_text(filename, &content, &topics), classify_text(filename, &content, &topics));
            assert_eq!(first, second);
            assert!(first.matches.iter().all(|found| found.confidence > 0.0 && found.confidence <= 1.0));
            assert!(first.suggestions.len() <= MAX_SUGGESTIONS);
            for name in first.suggestions {
                assert!((1..=64).contains(&name.chars().count()), "{name}");
                assert_eq!(name, name.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
    }
}
