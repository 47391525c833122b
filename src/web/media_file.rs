//! `GET /media/…`: the files of pictures.

use actix_web::{HttpResponse, http::header, web};

use crate::{app::App, assets::IMMUTABLE};

/// `GET /media/<hash>-<width>.jpg` and the other names that the media store creates.
pub async fn show(app: web::Data<App>, name: web::Path<String>) -> HttpResponse {
    let Some((path, kind)) = app.media.file(&name) else {
        return HttpResponse::NotFound().body("not found");
    };
    let read = web::block(move || std::fs::read(path)).await;
    match read {
        Ok(Ok(content)) => HttpResponse::Ok()
            .content_type(kind)
            .insert_header((header::CACHE_CONTROL, IMMUTABLE))
            .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"))
            .body(content),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            HttpResponse::NotFound().body("not found")
        }
        Ok(Err(error)) => {
            tracing::error!(%error, file = %name, "could not read a picture");
            HttpResponse::InternalServerError().body("the picture cannot be read")
        }
        Err(_) => HttpResponse::ServiceUnavailable().body("try again"),
    }
}
