//! The OpenAPI 3.1 document, from the same table that makes the routes.
//!
//! What holds for all routes is said here once: how to authenticate, the headers of queries and commands, and the problems that
//! any of them can answer.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, Bytes, ServiceConfig};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{ResponseBuilder, ResponsesBuilder};
use utoipa::openapi::schema::{AllOfBuilder, ArrayBuilder, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, KnownFormat, OpenApi, OpenApiBuilder, Ref, RefOr, Required, Response, Schema,
    SecurityRequirement,
};

use crate::body::{Schemas, described, nullable};
use crate::problem::{self, ProblemView};
use crate::routes::table::{Audience, Entry, Outcome};
use crate::routes::{self, Routes};

/// Where the document is.
pub const ADDRESS: &str = "/api/openapi.json";
/// The name of the security scheme.
const BEARER: &str = "bearer";

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| json().into());

/// The document as it is served and committed: pretty, with a line end.
#[must_use]
pub fn json() -> String {
    let (document, _) = document(&routes::all());
    // A tree of maps with text keys cannot fail to serialize.
    let mut json = serde_json::to_string_pretty(&document).unwrap_or_default();
    json.push('\n');
    json
}

/// Serves it.
pub fn serve(config: &mut ServiceConfig) {
    let serve = async || HttpResponse::Ok().content_type("application/json").body(DOCUMENT.clone());
    let refuse = async || Err::<&'static str, _>(problem::Problem::method_not_allowed("GET, HEAD"));
    let resource = web::resource(ADDRESS).route(web::get().to(serve)).route(web::head().to(serve));
    config.service(resource.default_service(web::to(refuse)));
}

/// The document, and the names that would stand for two different schemas in it.
fn document(routes: &Routes) -> (OpenApi, Vec<String>) {
    let mut schemas = Schemas::default();
    let mut paths = PathsBuilder::new();
    for entry in routes.entries() {
        paths = paths.path(entry.path, utoipa::openapi::PathItem::new(http_method(&entry.method), operation(entry, &mut schemas)));
    }
    let problem = schemas.of::<ProblemView<'static>>();
    let clashes = schemas.clashes().to_vec();
    let mut components = ComponentsBuilder::new().security_scheme(
        BEARER,
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .description(Some("The access token of /api/auth/token."))
                .build(),
        ),
    );
    for (name, schema) in schemas.into_named() {
        components = components.schema(name, schema);
    }
    for (name, parameter) in parameters() {
        components = components.parameter(name, parameter);
    }
    for (_, name, response) in problems(&problem) {
        components = components.response(name, response);
    }
    let info = InfoBuilder::new()
        .title("Effluent")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The backend of a household-finance planner. A GET is a query, everything else a command. Amounts and rates are decimal text; \
             a JSON number is accepted and read from its text. Every answer about a household says its version; no answer is ever older \
             than the last command that was acknowledged.",
        ))
        .build();
    (OpenApiBuilder::new().info(info).paths(paths).components(Some(components.build())).build(), clashes)
}

fn http_method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(entry: &Entry, schemas: &mut Schemas) -> OperationBuilder {
    let doc = &entry.doc;
    let mut operation = OperationBuilder::new().tag(entry.tag).summary(Some(doc.summary)).operation_id(Some(operation_id(entry)));
    if !doc.details.is_empty() {
        operation = operation.description(Some(doc.details));
    }
    for name in names_in(entry.path) {
        operation = operation.parameter(path_parameter(name));
    }
    for property in doc.parameters.map(|list| list(schemas)).unwrap_or_default() {
        let parameter = ParameterBuilder::new()
            .name(property.name)
            .parameter_in(ParameterIn::Query)
            .required(if property.required { Required::True } else { Required::False })
            .description(Some(property.doc.trim()))
            .schema(Some(property.schema));
        operation = operation.parameter(parameter);
    }
    for name in header_parameters(doc.audience) {
        operation = operation.parameter_ref(Ref::new(format!("#/components/parameters/{name}")));
    }
    if let Some(body) = doc.body {
        let content = Content::new(Some(body(schemas)));
        operation = operation
            .request_body(Some(RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True)).build()));
    }
    if doc.audience != Audience::Public {
        operation = operation.security(SecurityRequirement::new(BEARER, Vec::<String>::new()));
    }
    operation.responses(responses(entry, schemas))
}

fn responses(entry: &Entry, schemas: &mut Schemas) -> ResponsesBuilder {
    let audience = entry.doc.audience;
    let mut by_status: std::collections::BTreeMap<u16, ResponseBuilder> = std::collections::BTreeMap::new();
    for outcome in &entry.doc.outcomes {
        let response = by_status
            .remove(&outcome.status)
            .unwrap_or_else(|| with_version(ResponseBuilder::new().description(outcome.meaning), audience));
        let response = match outcome.content {
            None => response,
            Some((content_type, None)) => {
                let text: RefOr<Schema> = ObjectBuilder::new().schema_type(Type::String).into();
                response.content(content_type, Content::new(Some(text)))
            }
            Some((content_type, Some(schema))) => {
                let view = schema(schemas);
                response.content(content_type, Content::new(Some(enveloped(view, outcome, audience))))
            }
        };
        let response = if matches!(outcome.status, 201 | 202) && !matches!(audience, Audience::Public | Audience::User) {
            response.header("Location", text_header("Where it is."))
        } else {
            response
        };
        by_status.insert(outcome.status, response);
    }
    let mut responses = ResponsesBuilder::new();
    for (status, response) in by_status {
        responses = responses.response(status.to_string(), response.build());
    }
    if audience == Audience::HouseholdQuery {
        responses = responses.response("304", ResponseBuilder::new().description("Nothing has changed since.").build());
    }
    for (status, name) in problems_of(entry) {
        responses = responses.response(status.to_string(), Ref::from_response_name(name));
    }
    responses
}

fn with_version(response: ResponseBuilder, audience: Audience) -> ResponseBuilder {
    match audience {
        Audience::Public | Audience::User => response,
        Audience::HouseholdQuery | Audience::HouseholdOpening | Audience::HouseholdCommand => response
            .header("ETag", text_header("The household's version, in quotes; a projection's has more parts."))
            .header("X-Household-Version", text_header("The household's version.")),
    }
}

fn text_header(description: &str) -> Header {
    let text: RefOr<Schema> = ObjectBuilder::new().schema_type(Type::String).into();
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).build()
}

/// What goes around a view: `version` beside its own fields, `events` for a command, `items` for a list.
fn enveloped(view: RefOr<Schema>, outcome: &Outcome, audience: Audience) -> RefOr<Schema> {
    let version: RefOr<Schema> = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .description(Some("The household's version that this reflects."))
        .into();
    let is_about_a_household = !matches!(audience, Audience::Public | Audience::User);
    if outcome.is_list {
        let cursor: RefOr<Schema> = ObjectBuilder::new().schema_type(Type::String).into();
        let cursor = described(nullable(cursor), "Where the next page begins; null on the last one.");
        let page = ObjectBuilder::new()
            .property("items", ArrayBuilder::new().items(view))
            .property("next_cursor", cursor)
            .required("items")
            .required("next_cursor");
        let page = if is_about_a_household { page.property("version", version).required("version") } else { page };
        return page.into();
    }
    if !is_about_a_household {
        return view;
    }
    let envelope = ObjectBuilder::new().property("version", version).required("version");
    let envelope = if audience != Audience::HouseholdQuery {
        let name: RefOr<Schema> = ObjectBuilder::new().schema_type(Type::String).into();
        let events: RefOr<Schema> =
            ArrayBuilder::new().items(name).description(Some("The events that it led to; none where nothing changed.")).into();
        envelope.property("events", events).required("events")
    } else {
        envelope
    };
    AllOfBuilder::new().item(view).item(envelope).into()
}

/// `post_accounts_id_balances`: unique, since no two routes share method and address.
fn operation_id(entry: &Entry) -> String {
    let path = entry.path.trim_start_matches("/api/").trim_start_matches("v1/").trim_start_matches('/');
    let words: String = path.chars().filter(|c| !matches!(c, '{' | '}')).map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("{}_{words}", entry.method.as_str().to_ascii_lowercase())
}

/// `{id}` → `id`.
fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Parameter {
    let uuid: RefOr<Schema> =
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).into();
    ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True).schema(Some(uuid)).build()
}

const fn header_parameters(audience: Audience) -> &'static [&'static str] {
    match audience {
        Audience::Public | Audience::User => &[],
        Audience::HouseholdQuery => &["HouseholdId", "IfNoneMatch", "MinVersion"],
        Audience::HouseholdOpening => &["IdempotencyKey"],
        Audience::HouseholdCommand => &["HouseholdId", "IfMatch", "IdempotencyKey"],
    }
}

/// The headers that a client may send, once for all routes.
fn parameters() -> Vec<(&'static str, Parameter)> {
    let header = |name: &str, description: &str, schema: ObjectBuilder| {
        let schema: RefOr<Schema> = schema.into();
        ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).description(Some(description)).schema(Some(schema)).build()
    };
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let uuid = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    let whole = ObjectBuilder::new().schema_type(Type::Integer);
    vec![
        ("HouseholdId", header("X-Household-ID", "Which household is meant; without it, the user's default one.", uuid)),
        ("IfMatch", header("If-Match", "`\"<version>\"`: 412 with the current version where the household has moved on.", text())),
        ("IfNoneMatch", header("If-None-Match", "`\"<version>\"`: 304 where nothing has changed.", text())),
        (
            "MinVersion",
            header(
                "X-Min-Version",
                "The answer must not be older than this version: one that is about to come is waited for, up to 2 seconds; then 412.",
                whole,
            ),
        ),
        (
            "IdempotencyKey",
            header(
                "Idempotency-Key",
                "Sent again within 24 hours with the same body, it gives the first answer again, with `Idempotency-Hit: true`; with another body, 422.",
                text().min_length(Some(1)).max_length(Some(255)),
            ),
        ),
    ]
}

/// The problems that a route can answer, by status and name of the response.
fn problems_of(entry: &Entry) -> Vec<(u16, &'static str)> {
    let audience = entry.doc.audience;
    let is_command = entry.method != Method::GET;
    let names_something = entry.path.contains('{') || matches!(audience, Audience::HouseholdQuery | Audience::HouseholdCommand);
    let takes = is_command; // some take only an empty body, and say so with these
    let all = [
        (400, "Malformed", true),
        (401, "Unauthenticated", audience != Audience::Public || takes),
        (403, "Forbidden", audience == Audience::HouseholdCommand),
        (404, "NotFound", names_something),
        (409, "Conflict", is_command),
        (412, "VersionBehind", audience == Audience::HouseholdCommand),
        (412, "VersionAhead", audience == Audience::HouseholdQuery),
        (413, "TooLarge", takes),
        (415, "UnsupportedMediaType", takes),
        (422, "Invalid", true), // an address that takes no parameters refuses them
        (429, "TooManyRequests", true),
        (503, "Unavailable", true),
    ];
    all.into_iter().filter(|(_, _, applies)| *applies).map(|(status, name, _)| (status, name)).collect()
}

fn problems(schema: &RefOr<Schema>) -> Vec<(u16, &'static str, Response)> {
    let response = |description: &str, header: Option<(&'static str, &str)>| {
        let response = ResponseBuilder::new().description(description).content(problem::CONTENT_TYPE, Content::new(Some(schema.clone())));
        let response = match header {
            Some((name, meaning)) => response.header(name, text_header(meaning)),
            None => response,
        };
        response.build()
    };
    let wait = Some(("Retry-After", "Seconds to wait."));
    vec![
        (400, "Malformed", response("The request is not well-formed.", None)),
        (401, "Unauthenticated", response("Nobody, or nobody any more.", Some(("WWW-Authenticate", "How to authenticate.")))),
        (403, "Forbidden", response("The caller's role reads, and may not change.", None)),
        (404, "NotFound", response("Not there, or not for this user: the two look alike.", None)),
        (409, "Conflict", response("What is there already stands against it.", None)),
        (
            412,
            "VersionBehind",
            response("The household has moved on; `current_version` says where it is.", Some(("ETag", "The current version."))),
        ),
        (
            412,
            "VersionAhead",
            response(
                "The household has not come to the version that was asked for; `current_version` says where it is.",
                Some(("ETag", "The current version.")),
            ),
        ),
        (413, "TooLarge", response("The body is larger than 1 MiB.", None)),
        (415, "UnsupportedMediaType", response("The body is not JSON.", None)),
        (422, "Invalid", response("Every field at fault, all at once.", None)),
        (429, "TooManyRequests", response("Too many requests.", wait)),
        (503, "Unavailable", response("The database is away; it will be back.", wait)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn no_name_stands_for_two_schemas() {
        let (_, clashes) = document(&routes::all());
        assert!(clashes.is_empty(), "{clashes:?}");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document: Value = serde_json::from_str(&json()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let mut references = Vec::new();
        collect(&document, &mut references);
        assert!(!references.is_empty());
        for reference in references {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_operation_has_its_own_id() {
        let ids: Vec<String> = routes::all().entries().map(operation_id).collect();
        let mut unique = ids.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
    }

    fn collect(value: &Value, references: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                references.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| collect(value, references));
            }
            Value::Array(elements) => elements.iter().for_each(|value| collect(value, references)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
