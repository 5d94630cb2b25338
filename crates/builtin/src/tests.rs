use super::*;

const MAX_SUGGESTIONS: usize = 3;

const fn topic<'a>(name: &'a str, description: &'a str) -> Topic<'a> {
    Topic { name, description }
}

fn read(filename: &str, text: &str, topics: &[Topic<'_>]) -> Classification {
    classify(Document { filename, content_type: "text/plain", text }, topics, MAX_SUGGESTIONS)
}

/// How well a topic fits, if it does.
fn fit(filename: &str, text: &str, name: &str, description: &str) -> Option<f32> {
    read(filename, text, &[topic(name, description)]).matches.first().map(|found| found.confidence)
}

/// The indices of the topics that fit.
fn fitting(found: &Classification) -> Vec<usize> {
    found.matches.iter().map(|found| found.topic).collect()
}

/// Words that no topic of these tests has.
fn filler(words: usize) -> String {
    "meadow river lantern quarry ".repeat(words / 4)
}

const GERMAN: &str =
    "Sehr geehrte Frau Lindner, wir haben Ihnen heute geschrieben, weil sich bei uns etwas ändert.";

#[test]
fn a_topic_fits_by_its_name_or_by_two_words_of_its_description() {
    let topics = [
        topic("Invoices", "amounts payable by a due date"),
        topic("Health", "doctor hospital medicine"),
        topic("Travel", "flights hotels"),
    ];
    let long = format!("{} The amount is payable tomorrow. The doctor sent it.", filler(20));
    let found = read("travel-2026.txt", &long, &topics);
    assert_eq!(fitting(&found), [2, 0]);
}

#[test]
fn words_are_the_same_in_every_inflection_of_the_documents_language() {
    for (content, name) in [
        ("Two policies were sent to your address last week, please keep them.", "Policy"),
        (&format!("{GERMAN} Die Verträge liegen bei."), "Vertrag"),
        (&format!("{GERMAN} Die Ueberweisung ist erfolgt."), "Überweisungen"),
        ("Veuillez trouver ci-joint les factures du mois dernier, avec nos salutations.", "Facture"),
        ("Gelieve de bijgevoegde rekeningen binnen dertig dagen te betalen aan ons kantoor.", "Rekening"),
    ] {
        assert!(fit("a", content, name, "").is_some(), "{name}: {content}");
    }
}

#[test]
fn a_compound_speaks_for_what_it_begins_or_ends_with_where_nouns_are_written_together() {
    for (compound, name, speaks) in [
        ("Krankenversicherungen", "Versicherung", true),
        ("Einkommensteuer", "Steuer", true),
        ("Versicherungsschein", "Versicherung", true),
        ("Mietvertrag", "Miete", true),
        ("Rathaus", "Rat", false),
        ("Bereifen", "Reifen", false),
        ("Mieten", "Miete", true),
        ("Krankenversicherung", "Kasse", false),
    ] {
        let content = format!("{compound}: {GERMAN}");
        assert_eq!(fit("a", &content, name, "").is_some(), speaks, "{compound} and {name}");
    }
    let whole = fit("a", &format!("{GERMAN} {} Versicherung", filler(20)), "Versicherung", "").unwrap();
    let part = fit(
        "a",
        &format!("{GERMAN} Lebensversicherung {} Krankenversicherung", filler(20)),
        "Versicherung",
        "",
    );
    assert!(part.unwrap() < 1.3 * whole, "{part:?} of two parts is little more than {whole} of one whole");
    let english = "The keeper of the lighthouses wrote down every ship that passed in the night.";
    assert_eq!(fit("a", english, "House", ""), None);
}

#[test]
fn without_text_the_filename_and_the_type_decide() {
    let german = "Verträge und Policen, die wir mit der Versicherung abgeschlossen haben, auch alte";
    assert!(fit("Krankenversicherung_2024.jpg", "", "Versicherung", german).is_some());
    assert_eq!(fit("MyTaxReturn2025.pdf", "", "Tax returns", ""), Some(1.0));
    assert_eq!(
        fit("Gebu\u{308}hren.pdf", "", "Gebühren", ""),
        Some(1.0),
        "however a laptop spells an umlaut"
    );
    assert_eq!(
        fit("Application.pdf", "", "Job applications", ""),
        Some(0.5),
        "half of the name is something"
    );
    let seen = |content_type| {
        let topics = [topic("Images", ""), topic("Job applications", "")];
        fitting(&classify(Document { filename: "IMG_1", content_type, text: "" }, &topics, 0))
    };
    assert_eq!(seen("image/png"), [0]);
    assert_eq!(seen("application/octet-stream"), [0; 0], "a type is no job application");
}

#[test]
fn scripts_without_spaces_are_read() {
    assert!(fit("a", "株式会社東都 御中 請求書を同封いたしますのでご確認ください。", "請求書", "").is_some());
    assert!(fit("a", "กรุณาชำระเงินตามใบแจ้งหนี้ที่แนบมานี้", "ใบแจ้งหนี้", "").is_some());
    assert_eq!(fit("a", "株式会社東都 御中 見積書を同封いたします。", "請求書", ""), None);
}

#[test]
fn evidence_is_needed() {
    let passing = format!("{} flights {}", filler(40), filler(40));
    assert_eq!(fit("a", &passing, "Travel", "flights hotels"), None, "a word of a description, once");
    assert!(fit("a", &passing.replace("flights", "travel"), "Travel", "flights hotels").is_some());
    let long = format!("{} travel {}", filler(1_000), filler(1_000));
    assert_eq!(fit("a", &long, "Travel", ""), None, "a name in passing, in a long text");
    assert!(fit("a", &"travel ".repeat(100), "Travel", "").is_some());
    assert_eq!(fit("a", "this and that with the other", "That and other", "with the"), None, "stop words");
    for (name, description) in [("", ""), ("...", "!"), ("Invoices", "")] {
        assert_eq!(fit("a.txt", "", name, description), None);
    }
    assert_eq!(read("a.txt", "hello", &[]).matches, []);
}

#[test]
fn the_best_comes_first_and_what_falls_far_behind_does_not_come() {
    let topics = [
        topic("Money", "interest balance"),
        topic("Banks", "account balance interest transfer branch"),
        topic("Letters", "stamp postcard"),
        topic("Towns", "branch"),
    ];
    let content = format!(
        "Banks and what they do. {} account balance interest transfer branch money, stamp postcard",
        filler(20)
    );
    assert_eq!(fitting(&read("a", &content, &topics)), [1]);
    let both = read("invoice hotel", "", &[topic("Hotel", ""), topic("Invoice", "")]).matches;
    assert_eq!(both, [Match { topic: 0, confidence: 1.0 }, Match { topic: 1, confidence: 1.0 }]);
    let weaker =
        read("invoice", &format!("{} hotel", filler(20)), &[topic("Hotel", ""), topic("Invoice", "")]);
    assert_eq!(weaker.matches, [Match { topic: 1, confidence: 1.0 }, Match { topic: 0, confidence: 0.5 }]);
}

#[test]
fn a_word_of_many_descriptions_says_less_for_each() {
    let content = format!("{} period notice", filler(40));
    assert!(fit("a", &content, "Contracts", "period, notice").is_some());
    let topics = [topic("Contracts", "period, notice"), topic("School", "period"), topic("Boards", "notice")];
    assert_eq!(read("a", &content, &topics).matches, []);
    let names = [topic("Period", ""), topic("Notice", "period")];
    assert_eq!(read("a", &content, &names).matches.len(), 2, "a name stays what it is");
}

#[test]
fn what_a_document_comes_back_to_is_suggested_where_no_topic_fits() {
    let content = "The church organ was built in 1744. Whoever hears a church organ for the first time looks up.\n\
        Restoring a church organ takes years, and a Church organ is never quite in tune. The bellows are new.";
    assert_eq!(read("organ.txt", content, &[topic("Invoices", "")]).suggestions, ["Church organ"]);
    assert_eq!(read("ORGEL.txt", &content.to_uppercase(), &[]).suggestions, ["Church organ"]);
    assert_eq!(read("a", content, &[topic("Organ", "")]).suggestions, [] as [&str; 0], "a topic fits");
    let known = ["Instruments", "Music", "Concerts"].map(|name| topic(name, "organs"));
    let found = read("a", content, &known);
    assert_eq!(
        (found.matches.len(), found.suggestions),
        (0, vec!["Church".to_owned()]),
        "what topics know is no news"
    );
    let many = "badger, otter, lynx, heron, curlew. ".repeat(6);
    assert_eq!(read("a", &many, &[]).suggestions, ["Badger", "Curlew", "Heron"], "no more than three");
    let words = ["X", "Y"].map(|letter| letter.to_owned() + &letter.to_lowercase().repeat(39));
    let found = read("a", &format!("{} {}. ", words[0], words[1]).repeat(20), &[]).suggestions;
    assert_eq!(found, words, "both together are longer than a name");
    for short in ["hello", "hello hello hello hello hello hello", "", "Invoice of the hotel"] {
        assert_eq!(read("hello.txt", short, &[]).suggestions, [] as [&str; 0], "{short}");
    }
    let once =
        "Nobody knew where the cat had come from, but it sat upon the wall each morning and looked at us.";
    assert_eq!(read("a.txt", once, &[]).suggestions, [] as [&str; 0], "nothing comes back");
}

#[test]
fn whatever_comes_ends_and_ends_alike() {
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
        format!("{GERMAN} {long}"),
        (1..10_000).filter_map(char::from_u32).collect(),
        (1..2_000).map(|n| format!("w{n} ")).collect(),
    ] {
        for filename in ["a.txt", "", ".", "İSTANBULßǅ.ﬁ", &content] {
            let (first, second) = (read(filename, &content, &topics), read(filename, &content, &topics));
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
