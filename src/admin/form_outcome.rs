//! [`FormOutcome`], the result of validating or saving a form.

use crate::{error::Result, view::form::Errors};

/// The result of validating or saving a form. Failures that the user cannot correct are an
/// [`Error`](crate::error::Error) instead.
pub(super) enum FormOutcome<T = ()> {
    /// The form was valid: its parsed values, or what saving it returned.
    Accepted(T),
    /// Nothing was saved; the form is shown again with these messages beside its fields.
    Invalid(Errors),
}

impl<T> FormOutcome<T> {
    /// `value`, unless validation found errors.
    pub(super) fn new(value: T, errors: Errors) -> Self {
        if errors.is_empty() {
            Self::Accepted(value)
        } else {
            Self::Invalid(errors)
        }
    }

    /// One error, beside `field`.
    pub(super) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        let mut errors = Errors::default();
        errors.add(field, message);
        Self::Invalid(errors)
    }

    /// Saves accepted values; keeps errors.
    pub(super) fn save<U>(self, save: impl FnOnce(T) -> Result<U>) -> Result<FormOutcome<U>> {
        Ok(match self {
            Self::Accepted(value) => FormOutcome::Accepted(save(value)?),
            Self::Invalid(errors) => FormOutcome::Invalid(errors),
        })
    }
}
