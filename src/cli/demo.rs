//! `dateline demo`: serves a fictional newspaper from a temporary folder.

use clap::Args;

use super::{Failure, user::generate_password};
use crate::{
    config::Config,
    db::types::UserRole,
    demo,
    models::user::{self, NewUser},
    server,
};

#[derive(Args)]
pub struct DemoArgs {
    /// Store small pictures, which takes less time
    #[arg(long)]
    quick: bool,
}

pub fn run(mut config: Config, args: &DemoArgs) -> Result<(), Failure> {
    let folder = tempfile::Builder::new()
        .prefix("dateline-demo-")
        .tempdir()?;
    // The demo must not change existing data, so the configured database is ignored.
    config.data_dir = folder.path().to_owned();
    config.database_url = crate::db::DatabaseUrl::file(folder.path().join("dateline.db"));
    config.log_level = config.log_level.min(tracing::Level::WARN);
    super::start_log(&config);
    let served: Result<(), Failure> = actix_web::rt::System::new().block_on(async {
        let server = server::start(config)?;
        let app = server.app.clone();
        let now = app.clock.now();
        let size = if args.quick {
            demo::Size::Small
        } else {
            demo::Size::Full
        };
        eprintln!("Loading the demo edition …");
        let pictures = demo::load_pictures(&app.media, size)?;
        let email = "editor@dunmere-courier.example";
        let password = generate_password();
        let user = NewUser::new(email, "Demo Editor", &password, UserRole::Admin, None)?;
        app.db
            .write_blocking(|conn| demo::publish(conn, &pictures, now))?;
        app.db
            .write_unversioned_blocking(|conn| user::insert(conn, &user, now))?;
        app.db
            .write_blocking(|conn| demo::newsroom::fill(conn, now))?;
        // The background job makes the remaining files of the pictures.
        app.media_changed.notify_one();
        println!("The Dunmere Courier is published.\n");
        println!("  Newspaper  {}/", app.base_url);
        println!("  Newsroom   {}/admin", app.base_url);
        println!("  Login      {email}");
        println!("  Password   {password}\n");
        println!("Ctrl-C stops the demo and deletes its data.");
        Ok(server.run().await?)
    });
    served.and(Ok(folder.close()?))
}
