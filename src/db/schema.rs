//! The tables, for Diesel. Both engines have the same ones; `migrations/` says what they mean.

diesel::table! {
    site_state (id) {
        id -> Integer,
        version -> BigInt,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    menu_items (id) {
        id -> BigInt,
        menu -> Text,
        position -> Integer,
        label -> Text,
        path -> Text,
    }
}

diesel::table! {
    media (id) {
        id -> BigInt,
        hash -> Text,
        width -> Integer,
        height -> Integer,
        widths -> Text,
        alt -> Text,
        caption -> Text,
        credit -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sections (id) {
        id -> BigInt,
        parent_id -> Nullable<BigInt>,
        slug -> Text,
        name -> Text,
        description -> Text,
        position -> Integer,
    }
}

diesel::table! {
    topics (id) {
        id -> BigInt,
        slug -> Text,
        name -> Text,
        description -> Text,
    }
}

diesel::table! {
    authors (id) {
        id -> BigInt,
        slug -> Text,
        name -> Text,
        title -> Text,
        biography -> Text,
        email -> Text,
        portrait_id -> Nullable<BigInt>,
        social_links -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        name -> Text,
        password_hash -> Text,
        role -> Text,
        author_id -> Nullable<BigInt>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    articles (id) {
        id -> BigInt,
        status -> Text,
        kicker -> Text,
        headline -> Text,
        standfirst -> Text,
        dateline_place -> Text,
        dateline_date -> Nullable<Date>,
        dateline_agency -> Text,
        section_id -> BigInt,
        lead_media_id -> Nullable<BigInt>,
        published_at -> Nullable<Timestamp>,
        updated_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        word_count -> Integer,
    }
}

diesel::table! {
    bodies (article_id) {
        article_id -> BigInt,
        html -> Text,
    }
}

diesel::table! {
    article_authors (article_id, position) {
        article_id -> BigInt,
        position -> Integer,
        author_id -> BigInt,
    }
}

diesel::table! {
    article_sections (article_id, section_id) {
        article_id -> BigInt,
        section_id -> BigInt,
    }
}

diesel::table! {
    article_topics (article_id, position) {
        article_id -> BigInt,
        position -> Integer,
        topic_id -> BigInt,
    }
}

diesel::table! {
    corrections (id) {
        id -> BigInt,
        article_id -> BigInt,
        kind -> Text,
        placement -> Text,
        text -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    pages (id) {
        id -> BigInt,
        title -> Text,
        html -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    addresses (path) {
        path -> Text,
        kind -> Text,
        target_id -> Nullable<BigInt>,
        moved_to -> Nullable<Text>,
        canonical -> Bool,
    }
}

diesel::table! {
    edition_slots (id) {
        id -> BigInt,
        section_id -> Nullable<BigInt>,
        position -> Integer,
        article_id -> BigInt,
        until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    river_entries (river, owner_id, published_at, article_id) {
        river -> Text,
        owner_id -> BigInt,
        published_at -> Timestamp,
        article_id -> BigInt,
    }
}

diesel::table! {
    river_counts (river, owner_id, period) {
        river -> Text,
        owner_id -> BigInt,
        period -> Integer,
        entries -> BigInt,
    }
}

diesel::table! {
    view_hours (hour, article_id) {
        hour -> Timestamp,
        article_id -> BigInt,
        views -> BigInt,
    }
}

diesel::table! {
    view_totals (article_id) {
        article_id -> BigInt,
        views -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    site_state,
    settings,
    menu_items,
    media,
    sections,
    topics,
    authors,
    users,
    articles,
    bodies,
    article_authors,
    article_sections,
    article_topics,
    corrections,
    pages,
    addresses,
    edition_slots,
    river_entries,
    river_counts,
    view_hours,
    view_totals,
);
