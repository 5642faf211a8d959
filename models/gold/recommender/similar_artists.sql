with

similar_scores as (

    select * from {{ ref('similar_scores') }}
    where kind = 'artist'

),

dim_artist as (

    select * from {{ ref('dim_artist') }}

),

others as (

    select
        artist_key as similar_artist_key,
        artist_name as similar_artist_name
    from dim_artist

),

joined as (

    select
        dim_artist.artist_key,
        dim_artist.artist_name,
        similar_scores.rank,
        others.similar_artist_key,
        others.similar_artist_name,
        similar_scores.score,
        similar_scores.model_version,
        timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}'
            as generated_at
    from similar_scores
    inner join dim_artist on similar_scores.key = dim_artist.artist_key
    inner join others
        on similar_scores.similar_key = others.similar_artist_key

)

select * from joined
