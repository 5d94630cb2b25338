//! Rebuilds the program when a migration is added or changed, because the program contains all of them.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
