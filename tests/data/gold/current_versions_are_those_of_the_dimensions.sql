-- Each user and track has one current version, which says what the dimension
-- without a history says.
with

dim_user as (

    select
        user_key,
        struct(
            user_id,
            favourite_genre_key,
            first_name,
            last_name,
            email,
            gender,
            favourite_genre_names,
            is_email_valid,
            created_at,
            updated_at
        ) as attributes
    from {{ ref('dim_user') }}

),

dim_user_history as (

    select
        user_key,
        struct(
            user_id,
            favourite_genre_key,
            first_name,
            last_name,
            email,
            gender,
            favourite_genre_names,
            is_email_valid,
            created_at,
            updated_at
        ) as attributes
    from {{ ref('dim_user_history') }}
    where is_current

),

dim_track as (

    select
        track_key,
        struct(
            track_id,
            album_key,
            artist_key,
            track_name,
            artist_credit,
            songwriters,
            duration_seconds,
            created_at,
            updated_at
        ) as attributes
    from {{ ref('dim_track') }}

),

dim_track_history as (

    select
        track_key,
        struct(
            track_id,
            album_key,
            artist_key,
            track_name,
            artist_credit,
            songwriters,
            duration_seconds,
            created_at,
            updated_at
        ) as attributes
    from {{ ref('dim_track_history') }}
    where is_current

),

compared as (

    select
        'user' as dimension,
        coalesce(dim_user.user_key, dim_user_history.user_key) as member_key,
        dim_user.attributes <=> dim_user_history.attributes as agrees
    from dim_user
    full join dim_user_history
        on dim_user.user_key = dim_user_history.user_key

    union all

    select
        'track' as dimension,
        coalesce(dim_track.track_key, dim_track_history.track_key)
            as member_key,
        dim_track.attributes <=> dim_track_history.attributes as agrees
    from dim_track
    full join dim_track_history
        on dim_track.track_key = dim_track_history.track_key

),

doubted as (

    select
        dimension,
        member_key,
        count(*) as current_count,
        bool_and(agrees) as agrees
    from compared
    group by dimension, member_key

)

select * from doubted
where not agrees or current_count != 1
