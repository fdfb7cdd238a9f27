//! The server to compare with: actix-web, one route, a fixed JSON document.

use actix_web::{App, HttpResponse, HttpServer, http::header::ContentType, rt::System, web::get};

/// Answers until it is killed.
pub fn serve(port: u16, document: String) -> anyhow::Result<()> {
    System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let document = document.clone();
            let answer = move || {
                let document = document.clone();
                async move { HttpResponse::Ok().content_type(ContentType::json()).body(document) }
            };
            App::new().route("/api/verify-session", get().to(answer))
        });
        Ok(server.bind(("127.0.0.1", port))?.run().await?)
    })
}
