//! Text enums of the schema: each is stored as the word that the database's CHECK allows.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::Text,
};

/// Declares an enum that is stored as text.
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow, serde::Deserialize)]
        #[diesel(sql_type = Text)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// The word that is stored.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(format!(
                        "{other:?} is none of {}", [$($text),+].join(", "),
                    )),
                }
            }
        }

        impl<DB: Backend> ToSql<Text, DB> for $name
        where
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.as_str().to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<Text, DB> for $name
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(String::from_sql(bytes)?.parse()?)
            }
        }
    };
}

text_enum! {
    /// What was asked for in vain.
    MissKind {
        Path = "path",
        Words = "words",
    }
}

text_enum! {
    /// How far an article has come. A published one is public from its `published_at` on.
    #[derive(Default)]
    Status {
        #[default]
        Draft = "draft",
        /// Its writer has asked an editor to look at it.
        Review = "review",
        Published = "published",
        /// Thrown away, and kept until somebody wants it back.
        Trashed = "trashed",
    }
}

text_enum! {
    /// How a revision came about.
    RevisionKind {
        /// The article as it was before its first revision: imported, say.
        Original = "original",
        Save = "save",
        Autosave = "autosave",
        /// An older revision, made the newest again.
        Restore = "restore",
        /// A save on top of somebody else's: kept beside theirs, so that nothing is lost.
        Conflict = "conflict",
    }
}

text_enum! {
    /// How far a picture's files have come.
    MediaState {
        /// Enough to show it is there, the rest is being made.
        New = "new",
        Ready = "ready",
    }
}

text_enum! {
    /// What a user may do; each may do what the ones before it may.
    #[derive(clap::ValueEnum, PartialOrd, Ord)]
    UserRole {
        Contributor = "contributor",
        Author = "author",
        Editor = "editor",
        Admin = "admin",
    }
}

text_enum! {
    /// What an address leads to.
    AddressKind {
        Article = "article",
        Section = "section",
        Author = "author",
        Topic = "topic",
        Page = "page",
        Redirect = "redirect",
    }
}

text_enum! {
    /// Whose stream of stories a river is.
    River {
        /// Everything; its owner is 0.
        Site = "site",
        Section = "section",
        Author = "author",
        Topic = "topic",
    }
}

text_enum! {
    /// Why a note stands with an article.
    CorrectionKind {
        Correction = "correction",
        Clarification = "clarification",
        Update = "update",
    }
}

text_enum! {
    /// Where such a note stands.
    Placement {
        Above = "above",
        Below = "below",
    }
}

text_enum! {
    /// Which menu an item belongs to.
    Menu {
        Header = "header",
        Footer = "footer",
    }
}

text_enum! {
    /// How an import that was begun in the newsroom is.
    RunState {
        Running = "running",
        Done = "done",
        /// Somebody wanted it to end.
        Stopped = "stopped",
        Failed = "failed",
        /// Its process ended before it.
        Broken = "broken",
    }
}

text_enum! {
    /// What such an import is at.
    Stage {
        Looking = "looking",
        Pictures = "pictures",
        Taking = "taking",
    }
}
