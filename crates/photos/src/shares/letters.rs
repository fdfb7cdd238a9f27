//! The mails about links: to whom one is for, and to its sender when it is opened for the first time.

use common::{Result, mailer::Letter};
use imaging::Tone;
use serde::Serialize;
use sqlx::PgTransaction;
use uuid::Uuid;

use super::{ShareLink, absolute, store};
use crate::{
    app::App,
    branding::{self, Logo},
    galleries::{Gallery, day_text},
};

/// To a client: the link.
#[derive(Serialize)]
struct GalleryShared {
    photographer: String,
    logo: Option<MailedLogo>,
    gallery: String,
    url: String,
    message: String,
    until: String,
    asks_password: bool,
}

/// A logo as a mail shows it: half its size, on a ground on which it is seen.
#[derive(Serialize)]
struct MailedLogo {
    url: String,
    width: i32,
    height: i32,
    ground: &'static str,
}

/// To a link's sender: somebody opened it.
#[derive(Serialize)]
struct LinkOpened {
    gallery: String,
    recipient: String,
    url: String,
}

impl Letter for GalleryShared {
    const FOLDER: &'static str = "gallery_shared";
}

impl Letter for LinkOpened {
    const FOLDER: &'static str = "link_opened";
}

/// Mails a link; it goes out when the transaction commits.
pub async fn send_shared(
    app: &App,
    transaction: &mut PgTransaction<'_>,
    gallery: &Gallery,
    link: &ShareLink,
    to: &str,
) -> Result<()> {
    let brand = branding::store::find(&mut **transaction, gallery.owner).await?;
    let letter = GalleryShared {
        logo: brand.logo.map(|logo| MailedLogo::of(app, &logo)),
        photographer: gallery.owner_name.clone(),
        gallery: gallery.name.clone(),
        url: link.url(app).unwrap_or_default(),
        message: link.message.clone().unwrap_or_default(),
        until: link.expires_at.map(day_text).unwrap_or_default(),
        asks_password: link.password_hash.is_some(),
    };
    let id = Uuid::now_v7();
    let mail = app.web.letter(&letter, to)?;
    app.outbox.create_as(&mut **transaction, id, GalleryShared::FOLDER, &mail).await?;
    Ok(store::update_mail(transaction, link.id, id).await?)
}

impl MailedLogo {
    fn of(app: &App, logo: &Logo) -> Self {
        /// As wide as it stands in a mail at most, in points.
        const WIDEST: i32 = 240;
        let width = (logo.width / 2).clamp(1, WIDEST);
        Self {
            url: absolute(app, &logo.path()),
            width,
            height: (logo.height * width / logo.width.max(1)).max(1),
            ground: match logo.tone {
                Tone::Any => "",
                Tone::Dark => "#ffffff",
                Tone::Light => "#1b1b19",
            },
        }
    }
}

/// Tells a link's sender of its first visit, if they wished to hear of it.
pub async fn send_opened(app: &App, transaction: &mut PgTransaction<'_>, link: &ShareLink) -> Result<()> {
    if !link.tells_sender {
        return Ok(());
    }
    let Some(to) = store::find_sender_email(&mut **transaction, link.id).await? else { return Ok(()) };
    let letter = LinkOpened {
        gallery: link.gallery_name.clone(),
        recipient: link.recipient_email.clone().unwrap_or_default(),
        url: link
            .gallery
            .map(|gallery| absolute(app, &format!("/gallery/{gallery}/shares")))
            .unwrap_or_default(),
    };
    let mail = app.web.letter(&letter, &to)?;
    Ok(app.outbox.create(&mut **transaction, LinkOpened::FOLDER, &mail).await?)
}
