with

user_records as (

    select * from {{ ref('user_records') }}

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
        {{ key(['user_id', 'valid_from']) }} as user_version_key,
        {{ key(['user_id']) }} as user_key,
        {{ key([genre_spelling('favourite_genre_names[1]')]) }} as genre_key
    from intervals

)

select
    keyed.user_version_key,
    keyed.user_key,
    keyed.user_id,
    coalesce(dim_genre.genre_key, -1) as favourite_genre_key,
    keyed.first_name,
    keyed.last_name,
    keyed.email,
    keyed.gender,
    keyed.favourite_genre_names,
    keyed.version_number,
    keyed.is_email_valid,
    keyed.is_current,
    keyed.valid_from,
    keyed.valid_to,
    keyed.created_at,
    keyed.updated_at
from keyed
left join {{ ref('dim_genre') }} as dim_genre on keyed.genre_key = dim_genre.genre_key
union all
select
    -1, -1, 'unknown', -1, null, null, null, null, null, 1, null, true,
    timestamp '1900-01-01', null, null, null
