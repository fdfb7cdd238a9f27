//! Cells of a table for spreadsheets, which take a text that begins like a formula for one and run it.

/// One row: every cell quoted, its quotes doubled (RFC 4180).
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

/// An apostrophe in front makes a spreadsheet read a formula as text. Blanks in front of one don't keep it from running.
fn cell(text: &str) -> String {
    let first = text.trim_start().chars().next();
    let is_formula =
        first.is_some_and(|letter| "=+-@＝＋－＠".contains(letter)) || text.starts_with(['\t', '\r', '\n']);
    let apostrophe = if is_formula { "'" } else { "" };
    format!("\"{apostrophe}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_like_a_formula() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "\"=1", "＝1", "\u{a0}=1"]
        {
            let cell = cell(evil);
            let shown = cell[1..cell.len() - 1].replace("\"\"", "\"");
            let shown = shown.trim_start();
            assert!(!shown.starts_with(['=', '+', '-', '@', '＝']), "{evil:?}: {cell:?}");
            assert!(evil.starts_with('"') || shown.starts_with('\''), "{evil:?}: {cell:?}");
        }
        assert_eq!(cell("2026-11-22"), "\"2026-11-22\"");
    }

    #[test]
    fn quotes_commas_and_lines_stay_inside_their_cell() {
        assert_eq!(row(["a,b", "say \"x\"", "1\r\n2"]), "\"a,b\",\"say \"\"x\"\"\",\"1\r\n2\"\r\n");
    }
}
