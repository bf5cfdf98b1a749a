//! A resource's routes, each with its description.

use std::collections::BTreeMap;

use actix_web::guard::{self, GuardContext};
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, Responder, Route};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::entrance;
use crate::body::{Body, FromField, Property, Schemas};
use crate::problem::Problem;

/// Who may ask, and which headers go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Anybody.
    Public,
    /// A user, about themselves or about nothing in particular.
    User,
    /// A user, reading a household.
    HouseholdQuery,
    /// A user, opening a household: a command to one that is not there yet.
    HouseholdOpening,
    /// A user, changing a household.
    HouseholdCommand,
}

/// One answer of a route.
#[derive(Clone, Copy)]
pub struct Outcome {
    /// The status code.
    pub status: u16,
    /// What it means.
    pub meaning: &'static str,
    /// Media type, and schema where it is JSON.
    pub content: Option<(&'static str, Option<SchemaOf>)>,
    /// Whether the schema is that of one item of a list.
    pub is_list: bool,
}

/// A schema that can be asked for.
pub type SchemaOf = fn(&mut Schemas) -> RefOr<Schema>;

/// What the OpenAPI document says about a route.
#[derive(Clone)]
pub struct Doc {
    /// Who may ask.
    pub audience: Audience,
    /// One line.
    pub summary: &'static str,
    /// More, where there is more to say.
    pub details: &'static str,
    /// The body, if it takes one.
    pub body: Option<SchemaOf>,
    /// The query parameters.
    pub parameters: Option<fn(&mut Schemas) -> Vec<Property>>,
    /// Answers of its own; problems are described for all routes at once.
    pub outcomes: Vec<Outcome>,
}

impl Doc {
    const fn new(audience: Audience, summary: &'static str) -> Self {
        Self { audience, summary, details: "", body: None, parameters: None, outcomes: Vec::new() }
    }

    /// For anybody, logged in or not.
    #[must_use]
    pub const fn public(summary: &'static str) -> Self {
        Self::new(Audience::Public, summary)
    }

    /// For users; about no household.
    #[must_use]
    pub const fn user(summary: &'static str) -> Self {
        Self::new(Audience::User, summary)
    }

    /// A query about a household: `X-Household-ID`, `If-None-Match`, `X-Min-Version`.
    #[must_use]
    pub const fn query(summary: &'static str) -> Self {
        Self::new(Audience::HouseholdQuery, summary)
    }

    /// The command that opens a household: `Idempotency-Key`.
    #[must_use]
    pub const fn opening(summary: &'static str) -> Self {
        Self::new(Audience::HouseholdOpening, summary)
    }

    /// A command to a household: `X-Household-ID`, `If-Match`, `Idempotency-Key`.
    #[must_use]
    pub const fn command(summary: &'static str) -> Self {
        Self::new(Audience::HouseholdCommand, summary)
    }

    /// More than the one line.
    #[must_use]
    pub const fn details(mut self, details: &'static str) -> Self {
        self.details = details;
        self
    }

    /// Takes this body.
    #[must_use]
    pub fn body<B: Body>(mut self) -> Self {
        self.body = Some(<B as FromField>::schema);
        self
    }

    /// Takes these query parameters.
    #[must_use]
    pub fn parameters<B: Body>(mut self) -> Self {
        self.parameters = Some(<B as Body>::properties);
        self
    }

    fn outcome(mut self, status: u16, meaning: &'static str, content: Option<(&'static str, Option<SchemaOf>)>, is_list: bool) -> Self {
        self.outcomes.push(Outcome { status, meaning, content, is_list });
        self
    }

    /// 200 with this view.
    #[must_use]
    pub fn answers<V: ToSchema>(self) -> Self {
        self.outcome(200, "As asked.", Some(("application/json", Some(Schemas::of::<V>))), false)
    }

    /// 201 with this view.
    #[must_use]
    pub fn creates<V: ToSchema>(self) -> Self {
        self.outcome(201, "Made; `Location` says where it is.", Some(("application/json", Some(Schemas::of::<V>))), false)
    }

    /// 200 with a page of these views.
    #[must_use]
    pub fn lists<V: ToSchema>(self) -> Self {
        self.outcome(200, "A page of the list.", Some(("application/json", Some(Schemas::of::<V>))), true)
    }

    /// 204.
    #[must_use]
    pub fn empties(self) -> Self {
        self.outcome(204, "Done; there is nothing to say.", None, false)
    }

    /// 202 with a job.
    #[must_use]
    pub fn accepts<V: ToSchema>(self) -> Self {
        self.outcome(202, "Begun; the job says how far it is.", Some(("application/json", Some(Schemas::of::<V>))), false)
    }

    /// 200 in another form, such as `text/csv`.
    #[must_use]
    pub fn also(self, content_type: &'static str) -> Self {
        self.outcome(200, "As asked.", Some((content_type, None)), false)
    }
}

/// One route.
pub struct Entry {
    /// Under which heading it stands in the document.
    pub tag: &'static str,
    /// The method.
    pub method: Method,
    /// The address, its parts in braces.
    pub path: &'static str,
    /// What the document says.
    pub doc: Doc,
    route: Route,
}

/// The routes of a resource, or of all.
#[derive(Default)]
pub struct Routes {
    tag: &'static str,
    entries: Vec<Entry>,
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident => $method:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name<F, Args>(self, path: &'static str, handler: F, doc: Doc) -> Self
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            self.add(Method::$method, path, handler, doc)
        }
    )+};
}

impl Routes {
    /// Routes under one heading.
    #[must_use]
    pub const fn tagged(tag: &'static str) -> Self {
        Self { tag, entries: Vec::new() }
    }

    methods! {
        /// GET; answers HEAD too.
        get => GET,
        /// POST.
        post => POST,
        /// PUT.
        put => PUT,
        /// PATCH.
        patch => PATCH,
        /// DELETE.
        delete => DELETE,
    }

    fn add<F, Args>(mut self, method: Method, path: &'static str, handler: F, doc: Doc) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let wanted = method.clone();
        let guard = guard::fn_guard(move |context: &GuardContext<'_>| {
            let asked = &context.head().method;
            *asked == wanted || (wanted == Method::GET && *asked == Method::HEAD)
        });
        let (audience, takes_parameters) = (doc.audience, doc.parameters.is_some());
        let watch = from_fn(move |request, next| entrance::watch(audience, takes_parameters, request, next));
        let route = web::route().guard(guard).to(handler).wrap(watch);
        self.entries.push(Entry { tag: self.tag, method, path, doc, route });
        self
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.entries.extend(others.entries);
        self
    }

    /// One after the other.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Registers them: one resource per address, which answers 405 with `Allow` to any other method.
    pub fn configure(self, config: &mut ServiceConfig) {
        // In this order `/scenarios/baseline` comes before `/scenarios/{id}`, because `{` sorts behind every letter.
        let mut by_path: BTreeMap<&'static str, Vec<(Method, Route)>> = BTreeMap::new();
        for entry in self.entries {
            by_path.entry(entry.path).or_default().push((entry.method, entry.route));
        }
        for (path, routes) in by_path {
            let allow = allowed(routes.iter().map(|(method, _)| method));
            let mut resource = web::resource(path);
            for (_, route) in routes {
                resource = resource.route(route);
            }
            let refuse = move || {
                let problem = Problem::method_not_allowed(&allow);
                async move { Err::<&'static str, _>(problem) }
            };
            config.service(resource.default_service(web::to(refuse)));
        }
    }
}

/// `GET, HEAD, POST`.
fn allowed<'a>(methods: impl Iterator<Item = &'a Method>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for method in methods {
        names.push(method.as_str());
        if *method == Method::GET {
            names.push("HEAD");
        }
    }
    names.join(", ")
}
