//! Lists of the objects in a bucket, one page at a time.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::RequestId as _;
use aws_sdk_s3::types::{EncodingType, Object};
use percent_encoding::percent_decode_str;

use super::{EntityTag, storage_error};
use crate::{Error, Result};

/// A page of a bucket's objects, in the order of the bytes of their keys.
pub struct Listing {
    /// The objects. They may include objects that are not the vault's.
    pub objects: Vec<ListedObject>,
    /// Whether the bucket has no objects behind these.
    pub is_last: bool,
}

/// An object, as a list shows it.
pub struct ListedObject {
    /// The key, which may not have the form of the vault's keys.
    pub key: String,
    /// The size in bytes.
    pub size_bytes: i64,
    /// The entity tag. `None` if it does not identify one object.
    pub etag: Option<EntityTag>,
}

/// Lists up to `most` objects whose keys are greater than `after`.
pub(super) async fn list(client: &Client, bucket: &str, after: &str, most: i32) -> Result<Listing> {
    // Keys are encoded in the answer, because XML cannot represent all characters of a key.
    let request = client.list_objects_v2().bucket(bucket).encoding_type(EncodingType::Url).max_keys(most);
    let after = Some(after.to_owned()).filter(|after| !after.is_empty());
    let answer = request.set_start_after(after).send().await.map_err(storage_error)?;
    // See `StoreResponse::is_from_store`: a proxy's page is no list.
    if answer.request_id().is_none() {
        return Err(Error::Storage("a list of objects is not from the store".into()));
    }
    let objects = answer.contents().iter().map(read_object).collect::<Result<Vec<_>>>()?;
    let is_last = !answer.is_truncated().unwrap_or_default();
    if objects.is_empty() && !is_last {
        return Err(Error::Storage("the store sent an empty page that is not the last".into()));
    }
    Ok(Listing { objects, is_last })
}

fn read_object(object: &Object) -> Result<ListedObject> {
    let incomplete = || Error::Storage("the store listed an object without its key or size".into());
    Ok(ListedObject {
        key: decode_key(object.key().ok_or_else(incomplete)?)?,
        size_bytes: object.size().ok_or_else(incomplete)?,
        etag: object.e_tag().and_then(EntityTag::parse),
    })
}

/// Decodes a key as stores encode it: `%` with two digits for most characters, and `+` for a space.
fn decode_key(encoded: &str) -> Result<String> {
    let spaced = encoded.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(Error::internal)?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_decoded_as_stores_encode_it() {
        for (encoded, key) in [
            ("0a1b/2c-3d/4e.pdf", "0a1b/2c-3d/4e.pdf"),
            ("a+b%2Bc%20d", "a b+c d"),
            ("%C3%A4%01%25", "ä\u{1}%"),
        ] {
            assert_eq!(decode_key(encoded).unwrap(), key);
        }
        assert!(decode_key("%ff").is_err());
    }
}
