//! Text enums of the schema, stored as the words that the columns' CHECK constraints allow.

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
            /// The stored word.
            pub const fn as_str(self) -> &'static str {
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
    /// What was not found.
    NotFoundKind {
        /// A path without a page.
        Path = "path",
        /// A search without results.
        Words = "words",
    }
}

text_enum! {
    /// The state of an article. A published article is public from its `published_at` on.
    #[derive(Default)]
    Status {
        #[default]
        Draft = "draft",
        /// Submitted to an editor.
        Review = "review",
        Published = "published",
        /// In the trash; it can be restored.
        Trashed = "trashed",
    }
}

text_enum! {
    /// What created a revision.
    RevisionKind {
        /// The article before its first revision, for example as imported.
        Original = "original",
        Save = "save",
        Autosave = "autosave",
        /// A copy of an older revision.
        Restore = "restore",
        /// A save that was based on an outdated revision: kept beside the newer one, so that no text is lost.
        Conflict = "conflict",
    }
}

text_enum! {
    /// Whether all files of a picture exist.
    MediaState {
        /// It can be shown; a background job renders the other files.
        New = "new",
        Ready = "ready",
    }
}

text_enum! {
    /// What a user may do. Each role includes the permissions of those before it.
    #[derive(clap::ValueEnum, PartialOrd, Ord)]
    UserRole {
        Contributor = "contributor",
        Author = "author",
        Editor = "editor",
        Admin = "admin",
    }
}

text_enum! {
    /// What kind of target an address has.
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
    /// Whose articles a timeline lists.
    TimelineKind {
        /// All articles; the owner id is 0.
        Site = "site",
        Section = "section",
        Author = "author",
        Topic = "topic",
    }
}

text_enum! {
    /// The kind of a note on an article.
    CorrectionKind {
        Correction = "correction",
        Clarification = "clarification",
        Update = "update",
    }
}

text_enum! {
    /// Whether such a note is shown above or below the text.
    Placement {
        Above = "above",
        Below = "below",
    }
}

text_enum! {
    /// The menu of a menu item.
    Menu {
        Header = "header",
        Footer = "footer",
    }
}

text_enum! {
    /// The state of an import that was started in the admin interface.
    RunState {
        Running = "running",
        Done = "done",
        /// A user stopped it.
        Stopped = "stopped",
        Failed = "failed",
        /// Its process ended first.
        Broken = "broken",
    }
}

text_enum! {
    /// The current step of such an import.
    Stage {
        /// Reading the file.
        Survey = "looking",
        /// Downloading pictures.
        Pictures = "pictures",
        /// Writing articles.
        Articles = "taking",
    }
}

text_enum! {
    /// What a user did, in the history.
    HistoryAction {
        Added = "added",
        Arranged = "arranged",
        Began = "began",
        BeganDryRun = "began a dry run of",
        Changed = "changed",
        ChangedPassword = "changed the password",
        ChosePassword = "chose a new password through a link",
        Corrected = "corrected",
        CreatedPasswordLink = "created a password link for",
        CreatedPreviewLink = "created a preview link to",
        CreatedRecoveryCodes = "created new recovery codes",
        Deleted = "deleted",
        Described = "described",
        LoggedIn = "logged in",
        LoggedOutEverywhere = "logged out on all devices",
        Merged = "merged",
        Moved = "moved",
        MovedDown = "moved down",
        MovedUp = "moved up",
        Published = "published",
        Removed = "removed",
        RemovedCorrection = "removed a correction from",
        RemovedOwnSecondFactor = "removed the second factor",
        RemovedSecondFactor = "removed the second factor of",
        Renamed = "renamed",
        Replaced = "replaced",
        Restored = "restored",
        RestoredRevision = "restored a revision of",
        RevokedPreviewLink = "revoked a preview link to",
        Saved = "saved",
        Scheduled = "scheduled",
        SentBack = "sent back",
        SentForReview = "sent for review",
        SetUpSecondFactor = "set up a second factor",
        Trashed = "trashed",
        Unpublished = "unpublished",
        PublishedChanges = "published changes of",
        Uploaded = "uploaded",
    }
}

text_enum! {
    /// The kind of object that an event of the history is about.
    HistoryKind {
        Article = "article",
        Author = "author",
        BreakingNews = "breaking news",
        Edition = "edition",
        Import = "import",
        Media = "media",
        Menu = "menu",
        Page = "page",
        Redirect = "redirect",
        Section = "section",
        Settings = "settings",
        Topic = "topic",
        User = "user",
    }
}
