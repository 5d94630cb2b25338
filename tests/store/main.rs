//! What the vault relies on in an object store, asked of MinIO and of moto.
