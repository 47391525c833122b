//! Serves the files of pictures.

use actix_web::{HttpResponse, http::header, web};

use super::assets::FOREVER;
use crate::app::App;

/// `GET /media/<hash>-<width>.jpg` and the other names that the store makes.
pub async fn show(app: web::Data<App>, name: web::Path<String>) -> HttpResponse {
    let Some((path, kind)) = app.media.file(&name) else {
        return HttpResponse::NotFound().body("not found");
    };
    let read = web::block(move || std::fs::read(path)).await;
    match read {
        Ok(Ok(content)) => HttpResponse::Ok()
            .content_type(kind)
            .insert_header((header::CACHE_CONTROL, FOREVER))
            .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"))
            .body(content),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            HttpResponse::NotFound().body("not found")
        }
        Ok(Err(error)) => {
            tracing::error!(%error, file = %name, "a picture could not be read");
            HttpResponse::InternalServerError().body("the picture cannot be read now")
        }
        Err(_) => HttpResponse::ServiceUnavailable().body("try again"),
    }
}
