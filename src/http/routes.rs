//! Routes, made of what `#[utoipa::path]` says at each handler: a path stands in one place.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use utoipa::openapi::path::HttpMethod;

/// Makes two functions of one list of handlers, each of which has its `#[utoipa::path]`: `routes`, which a
/// function serves, and `operations`, which the API's reference is made of. What only `operations` needs is
/// in no function's program.
#[macro_export]
macro_rules! routes {
    ($state:ty: $($handler:ident),+ $(,)?) => {
        $crate::http::paste! {
            /// The routes of these handlers.
            pub(crate) fn routes() -> axum::Router<$state> {
                let routes = axum::Router::new();
                $(let routes = $crate::http::add_route::<[<__path_ $handler>], _, _, _>(routes, $handler);)+
                routes
            }

            /// What the API's reference says of these routes.
            #[derive(utoipa::OpenApi)]
            #[openapi(paths($($handler),+))]
            pub struct Reference;
        }
    };
}

pub use pastey::paste;

/// Adds the route of one handler.
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
