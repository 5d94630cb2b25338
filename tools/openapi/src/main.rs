//! Prints the reference of the API. `./dev openapi` writes it to `infra/openapi.json`.

#[expect(clippy::print_stdout, reason = "the document is the answer of the command")]
fn main() -> anyhow::Result<()> {
    println!("{:#}", openapi::document()?);
    Ok(())
}
