//! The page on which the OpenAPI document can be read and tried. Its files are compiled in: it works without a network.

use std::sync::{Arc, LazyLock};

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Resource};
use utoipa_swagger_ui::Config;

use crate::openapi;
use crate::problem::Problem;

static PAGE: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from(openapi::ADDRESS).try_it_out_enabled(true).persist_authorization(true).validator_url("none")));

pub fn configure(config: &mut ServiceConfig) {
    config.service(only_get("/api/docs").route(web::get().to(index))).service(only_get("/api/docs/{file}").route(web::get().to(file)));
}

fn only_get(path: &str) -> Resource {
    web::resource(path).default_service(web::to(async || Err::<&'static str, _>(Problem::method_not_allowed("GET"))))
}

/// The address has no slash at its end (they are trimmed everywhere), so the page is told where its files are.
async fn index() -> Result<HttpResponse, Problem> {
    let page = asset("index.html")?;
    let page = String::from_utf8_lossy(&page.1).replacen("<head>", "<head>\n    <base href=\"/api/docs/\">", 1);
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page))
}

async fn file(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (content_type, bytes) = asset(&name)?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "max-age=3600")).content_type(content_type).body(bytes))
}

fn asset(name: &str) -> Result<(String, Vec<u8>), Problem> {
    match utoipa_swagger_ui::serve(name, Arc::clone(&PAGE)) {
        Ok(Some(file)) => Ok((file.content_type, file.bytes.into_owned())),
        Ok(None) => Err(Problem::not_found("file", "")),
        Err(error) => Err(Problem::internal(error.as_ref())),
    }
}
