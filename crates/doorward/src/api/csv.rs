//! Comma-separated values (RFC 4180) that are safe to open in a spreadsheet.

/// One line of them, with its end.
pub(super) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<_> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// What a spreadsheet takes for the beginning of a formula; wide signs as well, which some programs take for the others.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Where a spreadsheet may begin another cell, whatever quotes there are: where decimals have a comma, as in German, it
/// splits the lines of a file at semicolons.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];

/// Anybody can have a user agent or a name written to the log that a spreadsheet would run as a formula when an
/// administrator opens it: with an apostrophe before, it is text (OWASP, CSV injection).
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for part in text.split_inclusive(SEPARATORS) {
        if part.trim_start_matches([' ', '"']).starts_with(SIGNS) {
            safe.push('\'');
        }
        safe.push_str(part);
    }
    if safe.contains([',', '"', '\r', '\n']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_separator_is_quoted() {
        assert_eq!(line(["a", "b c", ""]), "a,b c,\r\n");
        assert_eq!(
            line(["a,b", "say \"hi\"", "two\nlines"]),
            "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n"
        );
    }

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", "－1"] {
            assert_eq!(line([text]), format!("'{text}\r\n"));
        }
        assert_eq!(line(["\t=1", "\r=1"]), "\t'=1,\"\r'=1\"\r\n");
        assert_eq!(line(["=HYPERLINK(\"x\",\"y\")"]), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n");
        assert_eq!(line(["a=1", "1-1", "x@y"]), "a=1,1-1,x@y\r\n", "only where it begins");
    }

    #[test]
    fn nor_where_lines_are_split_at_semicolons() {
        assert_eq!(line(["a;=1", "b; +1;c", ";-1"]), "a;'=1,b;' +1;c,;'-1\r\n");
        assert_eq!(line(["a;\"=1\""]), "\"a;'\"\"=1\"\"\"\r\n");
        assert_eq!(
            line(["Mozilla/5.0 (X11; Linux x86_64; rv:132.0)"]),
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0)\r\n"
        );
    }
}
