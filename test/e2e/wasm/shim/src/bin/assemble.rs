//! Makes a Wasm module of its text: standard input to standard output.

use std::io::{Read, Write, stdin, stdout};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    stdout().write_all(&wat::parse_str(text)?)?;
    Ok(())
}
