//! Customers: a photographer's own, found again, assigned to galleries, brought in from a table and taken out as one.

use serde_json::{Value, json};
use test_support::reqwest::Method;

use crate::harness::{Person, TestApp, field};

async fn customer(person: &Person, email: &str, name: &str) -> i64 {
    let made = person.browser.post_json("/api/customers", &json!({ "email": email, "name": name })).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json::<Value>()["id"].as_i64().expect("an id")
}

async fn send_table(person: &Person, query: &str, table: &str) -> test_support::Answer {
    let url = format!("{}/api/customers/import{query}", person.url);
    let request = person.browser.request(Method::POST, &url).header("content-type", "text/csv");
    let token = person.browser.token(&url).expect("a page was seen");
    person.browser.send(request.header("x-csrf-token", token).body(table.to_owned())).await
}

#[tokio::test]
async fn customers_are_listed_by_name_page_by_page_and_found_by_a_part_of_it() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    customer(&ben, "x@example.org", "Not Ana's").await;
    for (email, name) in [
        ("c@example.org", "Zoe"),
        ("a@example.org", "mara"),
        ("b@example.org", ""),
        ("d@example.org", "Adam"),
    ] {
        customer(&ana, email, name).await;
    }
    let mut names = Vec::new();
    let mut after = String::new();
    loop {
        let page = ana.browser.get_json(&format!("/api/customers?limit=2{after}")).await.json::<Value>();
        names.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["email"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["d@example.org", "b@example.org", "a@example.org", "c@example.org"]);
    let found = ana.browser.get_json("/api/customers?q=MAR").await.json::<Value>();
    assert_eq!(
        (found["items"].as_array().map(Vec::len), &found["items"][0]["name"]),
        (Some(1), &json!("mara"))
    );
    assert_eq!(ana.browser.get_json("/api/customers?after=nonsense").await.status, 400);
}

#[tokio::test]
async fn an_address_is_unique_for_a_photographer_in_whatever_case() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let first = customer(&ana, "Cleo@Example.org", "Cleo").await;
    let again = ana.browser.post_json("/api/customers", &json!({ "email": "cleo@example.ORG" })).await;
    assert_eq!(again.status, 422);
    assert!(again.json::<Value>()["errors"]["email"].as_str().unwrap().contains("already"));
    customer(&ben, "cleo@example.org", "Cleo").await;
    let other = customer(&ana, "dan@example.org", "").await;
    let path = format!("/api/customers/{other}");
    let taken = ana.browser.json(Method::PATCH, &path, &json!({ "email": "CLEO@example.org" })).await;
    assert_eq!(taken.status, 422);
    let same = format!("/api/customers/{first}");
    let kept = ana.browser.json(Method::PATCH, &same, &json!({ "phone": "123" })).await.json::<Value>();
    assert_eq!((&kept["phone"], &kept["name"]), (&json!("123"), &json!("Cleo")));
}

#[tokio::test]
async fn nobody_touches_the_customers_of_another() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let cleo = customer(&ana, "cleo@example.org", "Cleo").await;
    let path = format!("/api/customers/{cleo}");
    assert_eq!(ben.browser.get_json(&path).await.status, 404);
    assert_eq!(ben.browser.json(Method::PATCH, &path, &json!({ "name": "Mine" })).await.status, 404);
    assert_eq!(ben.browser.delete(&path).await.status, 404);
    let gallery = ben.gallery("Ben's").await;
    let assigned = ben
        .browser
        .post_json(&format!("/api/galleries/{gallery}/customers"), &json!({ "customer_ids": [cleo] }))
        .await;
    assert_eq!(assigned.json::<Value>()["customer_ids"], json!([]));
}

#[tokio::test]
async fn a_customer_is_assigned_and_can_go_while_the_history_stays() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = ana.share(gallery, "preview").await;
    let cleo = customer(&ana, "cleo@example.org", "Cleo").await;
    let customers = format!("/api/galleries/{gallery}/customers");
    ana.browser.post_json(&customers, &json!({ "customer_ids": [cleo, 999] })).await;
    app.sql("update share_links set customer_id = (select id from customer)").await;
    let listed = ana.browser.get_json(&customers).await.json::<Value>();
    assert_eq!((&listed["items"][0]["galleries"], &listed["items"][0]["links"]), (&json!(1), &json!(1)));
    let page = ana.browser.get(&format!("/customers/{cleo}")).await;
    assert!(page.text().contains("One of their links is open"), "{}", page.text());

    let client = app.browser();
    assert_eq!(client.get(&path).await.status, 200);
    assert_eq!(ana.browser.delete(&format!("/api/customers/{cleo}")).await.status, 204);
    assert_eq!(client.get(&path).await.status, 200, "the link goes on");
    let links = ana.browser.get_json(&format!("/api/galleries/{gallery}/shares")).await.json::<Value>();
    assert_eq!(links["items"][0]["recipient_email"], "cleo@example.org");

    let dan = customer(&ana, "dan@example.org", "Dan").await;
    app.sql("update share_links set customer_id = (select id from customer)").await;
    assert_eq!(ana.browser.delete(&format!("/api/customers/{dan}?end_links=true")).await.status, 204);
    assert_eq!(client.get(&path).await.status, 410);
}

#[tokio::test]
async fn a_table_is_looked_at_first_and_taken_whole() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    customer(&ana, "cleo@example.org", "Cleo").await;
    let table = "E-mail;Name;Telephone\nCLEO@example.org;;0123\ndan@example.org;Dan;\nwrong;;\n";
    let plan = send_table(&ana, "?preview=true", table).await.json::<Value>();
    let sums =
        |plan: &Value| ["created", "updated", "kept", "refused"].map(|sum| plan[sum].as_i64().unwrap());
    assert_eq!(sums(&plan), [1, 1, 0, 1]);
    assert_eq!(plan["rows"][0]["note"], "phone: 0123");
    let count = async || {
        ana.browser.get_json("/api/customers").await.json::<Value>()["items"].as_array().unwrap().len()
    };
    assert_eq!(count().await, 1, "looking changes nothing");
    assert_eq!(sums(&send_table(&ana, "", table).await.json::<Value>()), [1, 1, 0, 1]);
    assert_eq!(count().await, 2);
    assert_eq!(
        sums(&send_table(&ana, "", table).await.json::<Value>()),
        [0, 0, 2, 1],
        "once more changes nothing"
    );
    assert_eq!(send_table(&ana, "", "no table").await.status, 422);
}

#[tokio::test]
async fn a_table_comes_in_through_the_page_and_goes_out_as_it_came() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let form = async |confirmed: bool, table: &str| {
        let token = field(&ana.browser.get("/customers/import").await, "csrf_token");
        let mut form = test_support::reqwest::multipart::Form::new().text("csrf_token", token);
        if confirmed {
            form = form.text("confirmed", "true");
        }
        let url = format!("{}/customers/import", ana.url);
        let request = ana.browser.request(Method::POST, &url);
        ana.browser.send(request.multipart(form.text("csv", table.to_owned()))).await
    };
    let table = "email,name,phone,notes\ncleo@example.org,\"Cleo, the first\",+49 12,=1+1\n";
    let shown = form(false, table).await;
    assert!(shown.text().contains("1 new"), "{}", shown.text());
    assert_eq!(form(true, table).await.status, 303);
    let exported = ana.browser.get("/customers/export.csv").await;
    assert_eq!(exported.header("content-type"), "text/csv; charset=utf-8");
    let text = exported.text();
    assert!(text.contains("\"'=1+1\""), "no formula runs in a spreadsheet: {text}");
    let kept = send_table(&ana, "?preview=true", &text).await.json::<Value>();
    assert_eq!((kept["kept"].as_i64(), kept["rows"].as_array().map(Vec::len)), (Some(1), Some(1)), "{kept}");
}

#[tokio::test]
async fn from_a_customer_it_is_one_step_to_a_link_for_them() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    ana.browser.get("/customers").await;
    let made = ana.browser.post_json("/api/customers", &json!({ "email": "cleo+1@example.org" })).await;
    let customer = made.json::<Value>()["id"].clone();
    let form = [("customer", "cleo+1@example.org")];
    ana.browser.post_form(&format!("/gallery/{gallery}/customers"), &form).await;
    let page = ana.browser.get(&format!("/customers/{customer}")).await;
    let way = page.attributes(".gallery-deed", "href").pop().expect("a way to a link");
    let page = ana.browser.get(&way).await;
    assert_eq!(page.attributes("#field-recipient_email", "value"), ["cleo+1@example.org"]);
}
