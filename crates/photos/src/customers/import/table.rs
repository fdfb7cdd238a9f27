//! Reading a table of customers as spreadsheets write them: commas, semicolons or tabs, with or without a mark in front.

use super::{MOST_BYTES, MOST_ROWS};
use crate::customers::{Status, Typed};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// In the file, from 1.
    pub number: usize,
    /// What it says.
    pub typed: Typed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Email,
    Name,
    First,
    Last,
    Phone,
    Notes,
}

/// Reads the rows below the head; says what is wrong with the table otherwise.
pub fn read(bytes: &[u8]) -> Result<Vec<Line>, String> {
    if bytes.len() > MOST_BYTES {
        return Err("This table is larger than 2 MB. Please split it.".to_owned());
    }
    let text = decoded(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let head = reader.headers().map_err(|_| unreadable())?.clone();
    let columns: Vec<Option<Column>> = head.iter().map(column).collect();
    if !columns.contains(&Some(Column::Email)) {
        return Err(
            "There is no column of addresses. The first line must name the columns: email, name, phone, notes."
                .to_owned(),
        );
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| unreadable())?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if lines.len() == MOST_ROWS {
            return Err(format!("Please import at most {MOST_ROWS} customers at once."));
        }
        let number = record.position().map_or(0, |place| usize::try_from(place.line()).unwrap_or(0));
        lines.push(Line { number, typed: typed(&columns, &record) });
    }
    Ok(lines)
}

fn unreadable() -> String {
    "This is no table that can be read. Save it as CSV in your spreadsheet and try again.".to_owned()
}

/// Older spreadsheets write Latin-1.
fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The sign that stands most often in the first line.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let most = [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|sign| first.bytes().filter(|byte| byte == sign).count());
    most.unwrap_or(b',')
}

fn column(name: &str) -> Option<Column> {
    let name: String = name.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    Some(match name.as_str() {
        "email" | "mail" | "emailaddress" | "address" | "email1value" => Column::Email,
        "name" | "fullname" | "customer" | "client" | "displayname" => Column::Name,
        "firstname" | "first" | "givenname" => Column::First,
        "lastname" | "last" | "surname" | "familyname" => Column::Last,
        "phone" | "telephone" | "tel" | "mobile" | "phonenumber" | "phone1value" => Column::Phone,
        "notes" | "note" | "comment" | "comments" | "remarks" => Column::Notes,
        _ => return None,
    })
}

fn typed(columns: &[Option<Column>], record: &csv::StringRecord) -> Typed {
    let cell = |wanted: Column| {
        let at = columns.iter().position(|column| *column == Some(wanted));
        // What an export of ours put in front of texts that a spreadsheet would have run.
        let text = at.and_then(|at| record.get(at)).unwrap_or_default();
        let formula = text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@']));
        formula.unwrap_or(text).to_owned()
    };
    let name = match cell(Column::Name) {
        name if name.is_empty() => {
            format!("{} {}", cell(Column::First), cell(Column::Last)).trim().to_owned()
        }
        name => name,
    };
    Typed {
        email: cell(Column::Email),
        name,
        phone: cell(Column::Phone),
        notes: cell(Column::Notes),
        status: Status::Active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_all_spreadsheets_are_read() {
        let expected = Typed {
            email: "a@b.org".into(),
            name: "Ana, B".into(),
            phone: "+49 1".into(),
            ..Typed::default()
        };
        for text in [
            "email,name,phone\r\na@b.org,\"Ana, B\",'+49 1\r\n",
            "\u{feff}Phone;E-Mail;Name\n+49 1;a@b.org;Ana, B\n\n",
            "First name\tLast name\tEmail\tMobile\nAna,\tB\ta@b.org\t+49 1",
        ] {
            let lines = read(text.as_bytes()).expect(text);
            assert_eq!(lines.iter().map(|line| &line.typed).collect::<Vec<_>>(), [&expected], "{text}");
        }
        let latin = read(b"email,name\na@b.org,Ren\xE9\n").expect("a table");
        assert_eq!((latin[0].typed.name.as_str(), latin[0].number), ("René", 2));
    }

    #[test]
    fn what_is_no_table_says_what_is_missing() {
        assert!(read(b"").unwrap_err().contains("no column of addresses"));
        assert!(read(b"name\nAna\n").unwrap_err().contains("no column of addresses"));
        let many = format!("email\n{}", "a@b.org\n".repeat(MOST_ROWS + 1));
        assert!(read(many.as_bytes()).unwrap_err().contains("at most 5000"));
    }
}
