//! Diesel's table definitions, the same for both engines. The comments in `migrations/` explain tables and columns.

diesel::table! {
    imported (source, kind, foreign_id) {
        source -> Text,
        kind -> Text,
        foreign_id -> Text,
        target_id -> BigInt,
        digest -> BigInt,
    }
}

diesel::table! {
    site_state (id) {
        id -> Integer,
        version -> BigInt,
        withdrawn_version -> BigInt,
        #[sql_name = "unhurried_version"]
        deferred_version -> BigInt,
        feed_authority -> Text,
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
        name -> Text,
        bytes -> BigInt,
        focal_x -> Integer,
        focal_y -> Integer,
        webp -> Bool,
        state -> Text,
        user_id -> Nullable<BigInt>,
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
        disabled -> Bool,
        totp_secret -> Nullable<Text>,
        totp_step -> BigInt,
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
        section_id -> Nullable<BigInt>,
        lead_media_id -> Nullable<BigInt>,
        published_at -> Nullable<Timestamp>,
        updated_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        word_count -> Integer,
        search_title -> Text,
        search_description -> Text,
        translations -> Text,
        owner_id -> Nullable<BigInt>,
        changed_at -> Timestamp,
        revision_id -> Nullable<BigInt>,
        live_revision_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    told_articles (article_id) {
        article_id -> BigInt,
        changed_at -> Timestamp,
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
    timeline_entries (kind, owner_id, published_at, article_id) {
        kind -> Text,
        owner_id -> BigInt,
        published_at -> Timestamp,
        article_id -> BigInt,
    }
}

diesel::table! {
    timeline_counts (kind, owner_id, period) {
        kind -> Text,
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

diesel::table! {
    revisions (id) {
        id -> BigInt,
        article_id -> BigInt,
        user_id -> Nullable<BigInt>,
        made_at -> Timestamp,
        kind -> Text,
        version -> Nullable<Integer>,
        page -> Text,
        content -> Text,
    }
}

diesel::table! {
    article_also_read (article_id, position) {
        article_id -> BigInt,
        position -> Integer,
        other_id -> BigInt,
    }
}

diesel::table! {
    presences (article_id, user_id) {
        article_id -> BigInt,
        user_id -> BigInt,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    preview_links (id) {
        id -> BigInt,
        article_id -> BigInt,
        token_hash -> Text,
        user_id -> Nullable<BigInt>,
        made_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        token_hash -> Text,
        user_id -> BigInt,
        verified -> Bool,
        persistent -> Bool,
        made_at -> Timestamp,
        seen_at -> Timestamp,
        address -> Text,
        user_agent -> Text,
    }
}

diesel::table! {
    recovery_codes (user_id, code_hash) {
        user_id -> BigInt,
        code_hash -> Text,
    }
}

diesel::table! {
    reset_links (token_hash) {
        token_hash -> Text,
        user_id -> BigInt,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    login_failures (account, address) {
        account -> Text,
        address -> Text,
        failures -> Integer,
        last_at -> Timestamp,
    }
}

diesel::table! {
    site_hours (hour) {
        hour -> Timestamp,
        views -> BigInt,
    }
}

diesel::table! {
    referrer_days (day, host) {
        day -> Date,
        host -> Text,
        views -> BigInt,
    }
}

diesel::table! {
    misses (kind, asked) {
        kind -> Text,
        asked -> Text,
        hits -> BigInt,
        last_at -> Timestamp,
    }
}

diesel::table! {
    history (id) {
        id -> BigInt,
        made_at -> Timestamp,
        user_id -> Nullable<BigInt>,
        who -> Text,
        action -> Text,
        kind -> Text,
        object_id -> Nullable<BigInt>,
        object -> Text,
        detail -> Text,
    }
}

diesel::table! {
    findable (doc) {
        doc -> BigInt,
        article_id -> BigInt,
    }
}

diesel::table! {
    index_queue (article_id) {
        article_id -> BigInt,
        words -> Bool,
    }
}

diesel::table! {
    known_words (word) {
        word -> Text,
    }
}

diesel::table! {
    related_articles (article_id, position) {
        article_id -> BigInt,
        position -> Integer,
        other_id -> BigInt,
    }
}

diesel::table! {
    import_runs (id) {
        id -> BigInt,
        user_id -> Nullable<BigInt>,
        file_name -> Text,
        is_trial -> Bool,
        state -> Text,
        began_at -> Timestamp,
        seen_at -> Timestamp,
        stage -> Text,
        stage_at -> Timestamp,
        done -> BigInt,
        whole -> BigInt,
        articles -> BigInt,
        stop_asked -> Bool,
        failure -> Text,
        report -> Text,
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
    timeline_entries,
    timeline_counts,
    view_hours,
    view_totals,
    revisions,
    article_also_read,
    presences,
    preview_links,
    sessions,
    recovery_codes,
    reset_links,
    login_failures,
    site_hours,
    referrer_days,
    misses,
    findable,
    index_queue,
    known_words,
    related_articles,
    history,
    import_runs,
);
