//! Style, script and logo: embedded, under names that change with their content.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// A file inside the binary.
pub struct Asset {
    /// Its name below `/assets/`.
    pub name: String,
    media_type: &'static str,
    body: &'static str,
}

/// `app.css`
pub static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("app", "css", "text/css; charset=utf-8", include_str!("../../assets/app.css")));
/// `console.css`
pub static CONSOLE_STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("console", "css", "text/css; charset=utf-8", include_str!("../../assets/console.css")));
/// `app.js`
pub static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("app", "js", "text/javascript; charset=utf-8", include_str!("../../assets/app.js")));
/// `logo.svg`
pub static LOGO: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("logo", "svg", "image/svg+xml", include_str!("../../assets/logo.svg")));

impl Asset {
    /// Names a file after the first half of the hash of its content.
    pub fn new(stem: &str, extension: &str, media_type: &'static str, body: &'static str) -> Self {
        let hash = Sha256::digest(body);
        let half = u64::from_be_bytes(hash.first_chunk().copied().unwrap_or_default());
        Self { name: format!("{stem}.{half:016x}.{extension}"), media_type, body }
    }

    /// The file as an answer that browsers may keep for ever.
    pub fn answer(&self) -> Response {
        let headers = [(header::CONTENT_TYPE, self.media_type), (header::CACHE_CONTROL, FOR_EVER)];
        (headers, self.body).into_response()
    }
}

/// `GET /assets/{name}`
pub(super) async fn get(Path(name): Path<String>) -> Response {
    let all = [&*STYLE, &*CONSOLE_STYLE, &*SCRIPT, &*LOGO];
    let found = all.into_iter().find(|asset| asset.name == name);
    found.map_or_else(|| StatusCode::NOT_FOUND.into_response(), Asset::answer)
}

const FOR_EVER: &str = "public, max-age=31536000, immutable";
