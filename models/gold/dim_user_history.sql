with

user_records as (

    select * from {{ ref('user_records') }}

),

dim_genre as (

    select * from {{ ref('dim_genre') }}

),

{{ history_ctes(
    'user_records',
    'user_id',
    [
        'first_name',
        'last_name',
        'email',
        'gender',
        'favourite_genre_names',
        'is_email_valid',
    ],
) }},

keyed as (

    select
        *,
        xxhash64(user_id, valid_from) as user_version_key,
        {{ key(['user_id']) }} as user_key,
        {{ key([genre_spelling('get(favourite_genre_names, 0)')]) }}
            as genre_key
    from intervals

),

joined as (

    select
        ---------- keys
        keyed.user_version_key,
        keyed.user_key,
        keyed.user_id,
        coalesce(dim_genre.genre_key, -1) as favourite_genre_key,

        ---------- text
        keyed.first_name,
        keyed.last_name,
        keyed.email,
        keyed.gender,
        keyed.favourite_genre_names,

        ---------- numbers
        keyed.version_number,

        ---------- booleans
        keyed.is_email_valid,
        keyed.is_current,

        ---------- timestamps
        keyed.valid_from,
        keyed.valid_to,
        keyed.created_at,
        keyed.updated_at

    from keyed
    left join dim_genre on keyed.genre_key = dim_genre.genre_key

),

dim_user_history as (

    select * from joined

    union all

    select
        -1 as user_version_key,
        -1 as user_key,
        'unknown' as user_id,
        -1 as favourite_genre_key,
        null as first_name,
        null as last_name,
        null as email,
        null as gender,
        null as favourite_genre_names,
        1 as version_number,
        null as is_email_valid,
        true as is_current,
        timestamp '1900-01-01' as valid_from,
        null as valid_to,
        null as created_at,
        null as updated_at

)

select * from dim_user_history
