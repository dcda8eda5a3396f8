use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Content, InfoBuilder, License, OpenApi, PathItem, Ref, RefOr, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use api_types::Problem;

/// A service's routes, each a handler that carries its `#[utoipa::path]`. Defines `routes()` for the router and
/// `document()` for the OpenAPI document, so that neither has a route that the other lacks.
///
/// The router takes paths and methods only: a function doesn't build the document, nor is it linked with the schemas.
///
/// ```
/// # use axum::extract::State;
/// mod gates {
///     /// The gate of a flight.
///     #[utoipa::path(get, path = "/gates/{flight}", params(("flight" = String, Path)), responses((status = 200, body = String)))]
///     pub(super) async fn retrieve_gate() -> String { "A1".to_owned() }
/// }
/// service_kit::routes! { (), "Gates", "Says where to board."; gates::retrieve_gate }
///
/// let _: axum::Router = service_kit::http::with_middleware("gates-http", routes());
/// assert!(document().paths.paths["/gates/{flight}"].get.is_some());
/// ```
#[macro_export]
macro_rules! routes {
    ($state:ty, $title:literal, $description:literal; $($module:ident::$handler:ident),+ $(,)?) => {
        fn routes() -> ::axum::Router<$state> {
            ::axum::Router::new()$(.route(
                &<$crate::paste!($module::[<__path_ $handler>]) as ::utoipa::Path>::path(),
                $crate::http::answering::<$crate::paste!($module::[<__path_ $handler>]), _, _, _>($module::$handler),
            ))+
        }

        /// The OpenAPI document of the routes.
        #[must_use]
        #[allow(unreachable_pub, reason = "the service's contract test calls it")]
        pub fn document() -> ::utoipa::openapi::OpenApi {
            #[derive(::utoipa::OpenApi)]
            #[openapi(paths($($module::$handler),+))]
            struct Handlers;
            $crate::http::described(<Handlers as ::utoipa::OpenApi>::openapi(), $title, $description)
        }
    };
}

/// `handler`, at the methods of its documented path `P`.
#[doc(hidden)]
pub fn answering<P, H, T, S>(handler: H) -> axum::routing::MethodRouter<S>
where
    P: utoipa::Path,
    H: axum::handler::Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    let methods = P::methods().into_iter().map(|method| match method {
        utoipa::openapi::HttpMethod::Get => axum::routing::MethodFilter::GET,
        utoipa::openapi::HttpMethod::Put => axum::routing::MethodFilter::PUT,
        utoipa::openapi::HttpMethod::Post => axum::routing::MethodFilter::POST,
        utoipa::openapi::HttpMethod::Delete => axum::routing::MethodFilter::DELETE,
        utoipa::openapi::HttpMethod::Options => axum::routing::MethodFilter::OPTIONS,
        utoipa::openapi::HttpMethod::Head => axum::routing::MethodFilter::HEAD,
        utoipa::openapi::HttpMethod::Patch => axum::routing::MethodFilter::PATCH,
        utoipa::openapi::HttpMethod::Trace => axum::routing::MethodFilter::TRACE,
    });
    methods.fold(axum::routing::MethodRouter::new(), |router, method| router.on(method, handler.clone()))
}

/// Adds what is the same in every service: the licence, the access token, the signature of private routes, and that each refusal is a [`Problem`].
#[doc(hidden)]
#[must_use]
pub fn described(mut document: OpenApi, title: &str, description: &str) -> OpenApi {
    document.info = InfoBuilder::new()
        .title(title)
        .description(Some(format!("{description} Every refusal is a problem body with a stable `code`.")))
        .version("1")
        .license(Some(License::builder().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();

    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let components = document.components.get_or_insert_default();
    components.schemas.extend(schemas);
    components.add_security_scheme("member", SecurityScheme::Http(token));
    let operator = SecurityRequirement::new("operator", [""; 0]);
    let is_private = |item: &PathItem| {
        let operations = [&item.get, &item.put, &item.post, &item.delete, &item.patch].into_iter().flatten();
        operations.flat_map(|operation| operation.security.iter().flatten()).any(|needed| *needed == operator)
    };
    if document.paths.paths.values().any(is_private) {
        let signature = ApiKeyValue::with_description("Authorization", "AWS Signature Version 4");
        components.add_security_scheme("operator", SecurityScheme::ApiKey(ApiKey::Header(signature)));
    }

    let problem = Ref::from_schema_name(Problem::name());
    let content = Content::builder().schema(Some(problem)).build();
    let refusal = ResponseBuilder::new().content("application/problem+json", content).build();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), RefOr::T(refusal.clone()));
        }
    }
    document
}

#[cfg(test)]
mod tests {
    mod gates {
        #[utoipa::path(get, path = "/gates", responses((status = 200, body = String)), security(("operator" = [])))]
        pub(super) async fn list_gates() -> String {
            String::new()
        }

        #[utoipa::path(get, path = "/open-gates", responses((status = 200, body = String)))]
        pub(super) async fn list_open_gates() -> String {
            String::new()
        }
    }

    mod private {
        use super::gates;
        crate::routes! { (), "Gates", "Says where to board."; gates::list_gates, gates::list_open_gates }

        pub(super) fn router() -> axum::Router<()> {
            routes()
        }
    }

    mod open {
        use super::gates;
        crate::routes! { (), "Gates", "Says where to board."; gates::list_open_gates }

        pub(super) fn router() -> axum::Router<()> {
            routes()
        }
    }

    #[test]
    fn a_document_with_a_private_route_describes_its_signature() {
        for (document, is_private) in [(private::document(), true), (open::document(), false)] {
            let schemes = document.components.unwrap().security_schemes;
            assert_eq!(schemes.contains_key("operator"), is_private);
        }
        assert!(private::router().has_routes() && open::router().has_routes());
    }
}
