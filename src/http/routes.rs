//! Routes of functions. They are generated from `#[utoipa::path]` at each handler, so that a path is written
//! in one place.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use utoipa::openapi::path::HttpMethod;

/// Generates two items from a list of handlers with `#[utoipa::path]`: the function `routes`, whose router
/// the Lambda function serves, and the type `Reference`, from which the OpenAPI document is built. The code
/// that only `Reference` needs is in no function's program.
#[macro_export]
macro_rules! routes {
    ($state:ty: $($handler:ident),+ $(,)?) => {
        $crate::http::paste! {
            /// Returns the router of this function.
            pub(crate) fn routes() -> axum::Router<$state> {
                let routes = axum::Router::new();
                $(let routes = $crate::http::add_route::<[<__path_ $handler>], _, _, _>(routes, $handler);)+
                routes
            }

            /// The OpenAPI description of this function's routes.
            #[derive(utoipa::OpenApi)]
            #[openapi(paths($($handler),+))]
            pub struct Reference;
        }
    };
}

pub use pastey::paste;

/// Adds a handler to the router, with the path and the methods of its `#[utoipa::path]`.
pub fn add_route<P, H, T, S>(routes: Router<S>, handler: H) -> Router<S>
where
    P: utoipa::Path,
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    P::methods()
        .iter()
        .fold(routes, |routes, method| routes.route(&P::path(), on(to_filter(method), handler.clone())))
}

fn to_filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}
