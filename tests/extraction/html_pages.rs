//! HTML pages: the child reads the words that a browser shows.

use extract::MAX_TEXT;

use crate::read_with_long_timeout;

/// Reads the text of a page with this body.
async fn read_body(body: &str) -> String {
    read_with_long_timeout(format!("<!doctype html><html><body>{body}").as_bytes()).await.unwrap().text
}

#[tokio::test]
async fn words_are_separated_where_a_browser_separates_them() {
    for (body, text) in [
        ("un<b>believ</b>able, e<i>v<em>e</em></i>n <a href=x>her</a>e", "unbelievable, even here"),
        ("Donau&shy;dampf<wbr>schiff", "Donaudampfschiff"),
        ("<p>one<p>two<br>three<div>four</div>five", "one\ntwo\nthree\nfour\nfive"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("<table><tr><th>Berth</th><td>42</td></tr><tr><td>paid</td></tr></table>", "Berth 42\npaid"),
        ("a  line\n of <span>\t the</span> source", "a line of the source"),
        ("<select><option>one<option>two</select><x-card>three</x-card>", "one\ntwo\nthree"),
        ("5 &lt; 6 &amp; caf&eacute; &#x42;&#101;rth&nbsp;42 &unknown;", "5 < 6 & café Berth 42 &unknown;"),
        ("<img src=x alt=\"A ferry &amp; a pier\">at noon<img alt>", "A ferry & a pier at noon"),
        ("<textarea>5 < 6 <b></textarea>", "5 < 6 <b>"),
        ("<P TITLE='>'>Berth</P foo=bar><p\n>42<!>", "Berth\n42"),
    ] {
        assert_eq!(read_body(body).await, text, "{body}");
    }
}

#[tokio::test]
async fn hidden_text_is_left_out() {
    for hidden in [
        "<script>if (a<b) { hidden('<p>'); } // <!-- \"</p>\"</script>",
        "<style>p > a { color: hidden }</style>",
        "<noscript><p>hidden</p></noscript>",
        "<template><p>hidden<template>hidden</template></p><img alt=hidden></template>",
        "<iframe src=x><p>hidden</iframe>",
        "<!-- hidden <p> --><!hidden><?hidden?><![CDATA[hidden]]>",
        "<p title=hidden alt=hidden></p><input value=hidden>",
    ] {
        assert_eq!(read_body(&format!("<p>Berth</p>{hidden}<p>42</p>")).await, "Berth\n42", "{hidden}");
    }
    for endless in ["<script>", "<style>", "<noscript>", "<template>", "<!--", "<p title='"] {
        assert_eq!(read_body(&format!("Berth 42{endless} hidden <p>hidden")).await, "Berth 42", "{endless}");
    }
}

#[tokio::test]
async fn the_title_is_read() {
    let page =
        read_with_long_timeout(b"<!doctype html><html><head><title>Berth &amp; 42</title></head>It is paid.")
            .await;
    assert_eq!(page.unwrap().text, "Berth & 42\nIt is paid.");
}

#[tokio::test]
async fn the_beginning_of_a_too_long_page_is_read() {
    let page = "<!doctype html><html><p>Berth 42</p>";
    let letter = format!("From: a\nSubject: b\nContent-Type: text/html\n\n{page}");
    for begin in [page, &letter] {
        let found =
            read_with_long_timeout(format!("{begin}{}<p>The end", "<p>again".repeat(400_000)).as_bytes())
                .await
                .unwrap();
        assert!(found.text.contains("Berth 42") && found.text.len() > MAX_TEXT - 10 && found.truncated);
        assert!(!found.text.contains("The end"), "{begin}");
    }
}

#[tokio::test]
async fn a_page_with_a_million_elements_is_read() {
    let found = read_body(&format!("{}Berth 42", "<p><b>x</b> ".repeat(500_000))).await;
    assert!(found.starts_with("x\nx\n") && found.ends_with("Berth 42"), "{}", found.len());
}
