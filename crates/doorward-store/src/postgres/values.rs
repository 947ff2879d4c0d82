//! Parameters and columns, as PostgreSQL has them.

use std::error::Error;

use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

use crate::{
    failure::{Failure, Trouble},
    sql::{Kind, Row, Value},
};

/// Text cannot hold a NUL here. Nothing that may be stored has one, but a name that somebody typed may be looked for: it is
/// put in a form that no name has.
const INSTEAD_OF_NUL: &str = "\u{10FFFF}";

/// The type that a statement is told a parameter has.
pub(super) const fn type_of(value: &Value<'_>) -> Type {
    match value.kind() {
        Kind::Integer => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Blob => Type::BYTEA,
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null(_) => Ok(IsNull::Yes),
            Value::Integer(number) => number.to_sql(ty, out),
            Value::Text(text) if text.contains('\0') => text.replace('\0', INSTEAD_OF_NUL).to_sql(ty, out),
            Value::Text(text) => text.as_ref().to_sql(ty, out),
            Value::Blob(bytes) => bytes.as_ref().to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

impl Row for tokio_postgres::Row {
    fn value(&self, column: usize) -> Result<Value<'_>, Failure> {
        let ty = self.columns().get(column).ok_or(Trouble::Unreadable("column"))?.type_();
        let integer = |number: Option<i64>| number.map_or(Value::Null(Kind::Integer), Value::Integer);
        Ok(match *ty {
            Type::INT8 => integer(self.try_get(column)?),
            Type::INT4 => integer(self.try_get::<_, Option<i32>>(column)?.map(i64::from)),
            Type::INT2 => integer(self.try_get::<_, Option<i16>>(column)?.map(i64::from)),
            Type::BOOL => integer(self.try_get::<_, Option<bool>>(column)?.map(i64::from)),
            Type::TEXT => {
                let text: Option<&str> = self.try_get(column)?;
                text.map_or(Value::Null(Kind::Text), |text| Value::Text(text.into()))
            }
            Type::BYTEA => {
                let bytes: Option<&[u8]> = self.try_get(column)?;
                bytes.map_or(Value::Null(Kind::Blob), |bytes| Value::Blob(bytes.into()))
            }
            _ => return Err(Trouble::Unreadable("column").into()),
        })
    }
}
