select genre_key, genre_name from {{ ref('genre') }}
union all
select -1, 'Unknown'
