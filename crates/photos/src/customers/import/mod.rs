//! Customers out of a table: what a file would do is shown first, and done on a second word.

pub mod api;
pub mod screen;
pub mod table;

use std::collections::HashMap;

use common::{Error, Result, error::FieldErrors};
use serde::Serialize;
use sqlx::PgPool;
use utoipa::ToSchema;

use super::{CustomerId, Details, Typed, store};
use crate::identity::AccountId;

/// The most rows that are taken at once.
pub const MOST_ROWS: usize = 5_000;
/// The most bytes a table may have.
pub const MOST_BYTES: usize = 2 << 20;

/// What a row of the table would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportDeed)]
pub enum Deed {
    /// A new customer.
    Create,
    /// Something new about a customer that is there.
    Update,
    /// Nothing: all of it is known.
    Keep,
    /// Nothing: the row is faulty.
    Refuse,
}

/// A row and what it would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ImportRow)]
pub struct Row {
    /// In the file, from 1.
    pub line: usize,
    /// What it would do.
    pub deed: Deed,
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// What changes, or what is wrong, in words.
    pub note: String,
    #[serde(skip)]
    wanted: Option<(Option<CustomerId>, Details)>,
}

/// What a table would do, or did.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = ImportPlan)]
pub struct Plan {
    /// New customers.
    pub created: usize,
    /// Changed customers.
    pub updated: usize,
    /// Customers that stay as they are.
    pub kept: usize,
    /// Faulty rows.
    pub refused: usize,
    /// Each row.
    pub rows: Vec<Row>,
}

/// What a table would do to the customers of a photographer.
pub async fn plan(db: &PgPool, owner: AccountId, text: &[u8]) -> Result<Plan> {
    let read = table::read(text).map_err(|fault| Error::invalid("csv", &fault))?;
    let mut transaction = db.begin().await?;
    let known = known(&mut transaction, owner).await?;
    Ok(planned(read, &known))
}

/// Does what a table says, all of it in one transaction; the plan says what was done.
pub async fn carry_out(db: &PgPool, owner: AccountId, text: &[u8]) -> Result<Plan> {
    let read = table::read(text).map_err(|fault| Error::invalid("csv", &fault))?;
    let mut transaction = db.begin().await?;
    store::lock(&mut transaction, owner).await?;
    let known = known(&mut transaction, owner).await?;
    let plan = planned(read, &known);
    for row in &plan.rows {
        match (&row.wanted, row.deed) {
            (Some((None, details)), Deed::Create) => {
                store::create(&mut *transaction, owner, details).await?;
            }
            (Some((Some(id), details)), Deed::Update) => {
                store::update(&mut *transaction, owner, *id, details).await?;
            }
            _ => {}
        }
    }
    transaction.commit().await?;
    Ok(plan)
}

type Known = HashMap<String, (CustomerId, Typed)>;

async fn known(transaction: &mut sqlx::PgTransaction<'_>, owner: AccountId) -> Result<Known> {
    let (mut known, mut after) = (Known::new(), None);
    loop {
        let found = store::list(&mut **transaction, owner, "", after.as_ref(), 1_000).await?;
        let Some(last) = found.last() else { return Ok(known) };
        after = Some(super::Cursor::at(last));
        for listed in found {
            let customer = listed.customer;
            known
                .entry(customer.email.to_lowercase())
                .or_insert_with(|| (customer.id, Typed::from(&customer)));
        }
    }
}

fn planned(read: Vec<table::Line>, known: &Known) -> Plan {
    let mut plan = Plan::default();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for line in read {
        let row = planned_row(&line, known, &mut seen);
        match row.deed {
            Deed::Create => plan.created += 1,
            Deed::Update => plan.updated += 1,
            Deed::Keep => plan.kept += 1,
            Deed::Refuse => plan.refused += 1,
        }
        plan.rows.push(row);
    }
    plan
}

fn planned_row(line: &table::Line, known: &Known, seen: &mut HashMap<String, usize>) -> Row {
    let mut row = Row {
        line: line.number,
        deed: Deed::Refuse,
        email: line.typed.email.clone(),
        name: line.typed.name.clone(),
        note: String::new(),
        wanted: None,
    };
    let key = line.typed.email.to_lowercase();
    if let Some(first) = seen.get(&key).filter(|_| !key.is_empty()) {
        row.note = format!("The same address stands in line {first}.");
        return row;
    }
    seen.insert(key.clone(), line.number);
    let before = known.get(&key);
    let typed = merged(&line.typed, before.map(|(_, typed)| typed));
    match typed.parse() {
        Err(errors) => row.note = in_words(&errors),
        Ok(details) => {
            let changes = before.map(|(_, before)| changes(before, &typed));
            (row.deed, row.note) = match &changes {
                None => (Deed::Create, String::new()),
                Some(changes) if changes.is_empty() => (Deed::Keep, String::new()),
                Some(changes) => (Deed::Update, changes.join(", ")),
            };
            row.wanted = Some((before.map(|(id, _)| *id), details));
        }
    }
    row
}

/// What the file says, and what is known already where it says nothing.
fn merged(given: &Typed, before: Option<&Typed>) -> Typed {
    let Some(before) = before else { return given.clone() };
    let either = |given: &str, before: &str| if given.is_empty() { before } else { given }.to_owned();
    Typed {
        email: before.email.clone(),
        name: either(&given.name, &before.name),
        phone: either(&given.phone, &before.phone),
        notes: either(&given.notes, &before.notes),
        status: before.status,
    }
}

fn changes(before: &Typed, after: &Typed) -> Vec<String> {
    [
        ("name", &before.name, &after.name),
        ("phone", &before.phone, &after.phone),
        ("notes", &before.notes, &after.notes),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(what, before, after)| match before.as_str() {
        "" => format!("{what}: {after}"),
        before => format!("{what}: {after} instead of {before}"),
    })
    .collect()
}

fn in_words(errors: &FieldErrors) -> String {
    let words: Vec<String> = errors.iter().map(|(field, error)| format!("{field}: {error}")).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_of(text: &str) -> Plan {
        let ana = Typed { email: "ana@example.org".into(), name: "Ana".into(), ..Typed::default() };
        let known = Known::from([("ana@example.org".to_owned(), (CustomerId(1), ana))]);
        planned(table::read(text.as_bytes()).expect("a table"), &known)
    }

    #[test]
    fn each_row_says_what_it_would_do() {
        let plan = plan_of(
            "E-Mail;Full name;Telephone\nANA@example.org;Ana;123\nben@example.org;Ben;\nben@example.org;B;\nno address;X;\n",
        );
        let deeds: Vec<Deed> = plan.rows.iter().map(|row| row.deed).collect();
        assert_eq!(deeds, [Deed::Update, Deed::Create, Deed::Refuse, Deed::Refuse]);
        assert_eq!(plan.rows[0].note, "phone: 123");
        assert_eq!(plan.rows[2].note, "The same address stands in line 3.");
        assert_eq!((plan.created, plan.updated, plan.kept, plan.refused), (1, 1, 0, 2));
    }

    #[test]
    fn what_is_known_is_kept_and_nothing_is_emptied() {
        let plan = plan_of("email,name\nana@example.org,\n");
        assert_eq!((plan.rows[0].deed, plan.kept), (Deed::Keep, 1));
    }
}
