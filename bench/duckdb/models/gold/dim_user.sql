select
    user_key,
    user_id,
    coalesce({{ key([genre_spelling('favourite_genre_names[1]')]) }}, -1) as favourite_genre_key,
    first_name,
    last_name,
    email,
    gender,
    favourite_genre_names,
    is_email_valid,
    created_at,
    updated_at
from {{ ref('users') }}
union all
select -1, 'unknown', -1, null, null, null, null, null, null, null, null
