use tests::TestVault;

#[tokio::test]
async fn filenames_of_any_script_are_stored_unchanged_and_never_part_of_the_key() {
    let vault = TestVault::new().await;
    let alice = vault.create_user().await;
    for filename in [
        "ü".repeat(255),
        "💾".repeat(255),
        "../../etc/passwd".into(),
        "..".into(),
        "/".into(),
        "C:\\autoexec.bat".into(),
        "a\"b'c`d".into(),
        "'; drop table documents; --".into(),
        "invoice\u{202e}fdp.exe".into(),
        "مرحبا.txt".into(),
        "👩‍👩‍👧‍👦.png".into(),
        " leading and trailing ".into(),
        "%00%2e%2e".into(),
        "${jndi:ldap://x}".into(),
        "<script>".into(),
        "e\u{301}".into(),
    ] {
        let upload = alice.store_confirmed(&filename, b"hello").await;
        let document = alice.get(&format!("/api/documents/{}", upload.document_id)).await.expect(200);
        assert_eq!(document["filename"], docuvault::name::isolate(&filename));
        assert_eq!(vault.row(upload.document_id).await["filename"], filename.as_str());
        let key = upload.key();
        let is_safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/.".contains(c);
        assert!(key.chars().all(is_safe) && !key.contains(".."), "{key}");
        let download =
            alice.get(&format!("/api/documents/{}/download", upload.document_id)).await.expect(200);
        let fetched = reqwest::get(download["download_url"].as_str().unwrap()).await.unwrap();
        let header = fetched.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(
            header.starts_with("attachment; filename=\"") && header.matches('"').count() == 2,
            "{header}"
        );
    }
}
